"""SIGKILL at any moment costs nothing that was echoed, and nothing is there twice."""

from __future__ import annotations

import random
import threading
from pathlib import Path

from tests.e2e.irc_client import Client
from tests.e2e.server import Server

KILLS = 20
SPEAKERS = 3


class Speaker(threading.Thread):
    """Say numbered lines as fast as they are echoed, until the server is gone."""

    def __init__(self, client: Client, name: str, round_number: int) -> None:
        super().__init__()
        self.client = client
        self.prefix = f"{name} {round_number}"
        self.echoed: list[str] = []
        self.enough = threading.Event()

    def run(self) -> None:
        try:
            for start in range(0, 1_000_000, 20):
                texts = [f"{self.prefix} {number}" for number in range(start, start + 20)]
                self.client.send(*(f"PRIVMSG #lobby :{text}" for text in texts))
                for _ in texts:
                    mine = self.client.until(
                        lambda m: m.command == "PRIVMSG" and m.params[1].startswith(self.prefix)
                    )
                    self.echoed.append(mine.params[1])
                    if len(self.echoed) > 50:
                        self.enough.set()
        except (OSError, EOFError):
            pass


def test_nothing_echoed_is_lost(tmp_path: Path) -> None:
    chance = random.Random(7)
    server = Server(tmp_path / "data")
    echoed: dict[str, list[str]] = {}
    for round_number in range(KILLS):
        server.start()
        speakers = []
        for number in range(SPEAKERS):
            client = Client(server.ports["plain"]).register(f"s{number}", "echo-message")
            speakers.append(Speaker(client.join("#lobby"), f"s{number}", round_number))
        for speaker in speakers:
            speaker.start()
        for speaker in speakers:
            assert speaker.enough.wait(20)
        # A moment of the machine's own choosing, a few milliseconds after that.
        threading.Event().wait(chance.random() / 50)
        server.kill()
        for speaker in speakers:
            speaker.join(20)
            speaker.client.close()
            echoed[f"{speaker.prefix} "] = speaker.echoed
    with server, Client(server.ports["plain"]) as reader:
        reader.register("reader", "batch", "message-tags", "draft/chathistory").join("#lobby")
        history = read_all(reader)
    assert len(history) == len(set(history))
    for prefix, texts in echoed.items():
        kept = [text for text in history if text.startswith(prefix)]
        assert kept[: len(texts)] == texts, f"{prefix}: echoed is not a prefix of what was kept"


def read_all(reader: Client) -> list[str]:
    """Return what was said in #lobby from the first message on."""
    texts: list[str] = []
    bound = "timestamp=2020-01-01T00:00:00.000Z"
    while True:
        reader.send(f"CHATHISTORY AFTER #lobby {bound} 200")
        reader.until(lambda m: m.command == "BATCH" and m.params[0].startswith("+"))
        page = []
        while (message := reader.next()).command != "BATCH":
            page.append(message)
        if not page:
            return texts
        texts += [message.params[1] for message in page]
        bound = f"msgid={page[-1].tags['msgid']}"
