"""A registered channel is its founder's after a kill, with all that was said and set."""

from __future__ import annotations

import base64
from pathlib import Path

from tests.e2e.irc_client import Client
from tests.e2e.server import Server

PASSWORD = "correct horse battery"


def log_in(client: Client) -> Client:
    """Register a connection as the account ann."""
    client.send("CAP LS 302", "CAP REQ :sasl batch draft/chathistory", "AUTHENTICATE PLAIN")
    client.until(lambda m: m.command == "AUTHENTICATE" and m.params == ("+",))
    proof = base64.b64encode(f"\0ann\0{PASSWORD}".encode()).decode()
    client.send(f"AUTHENTICATE {proof}")
    client.until("903")
    client.send("NICK ann", "USER ann 0 * :ann", "CAP END")
    client.until(lambda m: m.command in ("376", "422"))
    return client


def test_a_channel_lives_on_under_its_new_name(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Server(data, HUBBUB_ACCESS="open") as server, Client(server.ports["tls"], tls=True) as ann:
        ann.register("ann")
        ann.send(f"REGISTER ann * :{PASSWORD}")
        ann.until("900")
        ann.send("JOIN #a", "CHANNEL REGISTER #a", "TOPIC #a :ours", "MODE #a +ij 5:10")
        ann.send("CHANNEL ACCESS #a ann voice", "RENAME #a #b", "PRIVMSG #b :still here")
        ann.sync()
        server.kill()
    with Server(data, HUBBUB_ACCESS="open") as server:
        with Client(server.ports["plain"]) as bob:
            bob.register("bob")
            bob.send("JOIN #b")
            bob.until("473")
            bob.send("JOIN #a")
            assert "@bob" in bob.until("353").params[-1]
        with Client(server.ports["tls"], tls=True) as ann:
            log_in(ann)
            ann.send("JOIN #b", "TOPIC #b", "MODE #b", "CHATHISTORY LATEST #b * 10")
            ann.until(lambda m: m.command == "332" and m.params[-1] == "ours")
            assert "~ann" in ann.until("353").params[-1]
            assert ann.until("324").params[2:] == ("+intj", "5:10")
            assert ann.until("PRIVMSG").params == ("#b", "still here")
