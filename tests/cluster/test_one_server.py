"""Three processes are one server, also while some of them, or of the log's servers, are killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.cluster.members import assert_same, leader, make_members, nats_pid, running
from tests.e2e.irc_client import Client
from tests.e2e.server import Server

CAPS = ("echo-message", "server-time", "message-tags")
PAUSE = 0.01
"""How long a person waits between two lines, so that a machine of two cores can follow."""


class Speaker(threading.Thread):
    """Say line after line, each when the one before was echoed; note what is heard, with tags."""

    def __init__(self, server: Server, name: str) -> None:
        super().__init__(daemon=True)
        self.client = Client(server.ports["plain"]).register(name, *CAPS).join("#lobby")
        self.name = name
        self.echoed: list[str] = []
        self.heard: list[tuple[str, str, str]] = []
        self.silence = 0.0
        self.is_ending = False
        self.fault: Exception | None = None

    def run(self) -> None:
        try:
            for number in count():
                if self.is_ending:
                    return
                self.say(f"{self.name} {number}")
                time.sleep(PAUSE)
        except (OSError, EOFError) as error:
            self.fault = error

    def say(self, text: str) -> None:
        """Say a line and wait until it comes back."""
        began = time.monotonic()
        self.client.send(f"PRIVMSG #lobby :{text}")
        while self.hear() != text:
            pass
        self.echoed.append(text)
        self.silence = max(self.silence, time.monotonic() - began)

    def hear(self) -> str:
        """Return what is said next."""
        message = self.client.until("PRIVMSG")
        tags, text = message.tags, message.params[1]
        self.heard.append((tags["time"], tags["msgid"], text))
        return text

    def more(self, lines: int) -> None:
        """Wait until so many more are echoed."""
        wanted = len(self.echoed) + lines
        deadline = time.monotonic() + 25
        while len(self.echoed) < wanted:
            assert self.is_alive(), self.fault
            assert time.monotonic() < deadline, f"{self.name} hears nothing"
            time.sleep(0.01)


acknowledged: list[str] = []
"""All that was echoed to anybody, whatever was killed then."""


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Return three members that run; afterwards they have the same in their archives."""
    servers = make_members(tmp_path_factory.mktemp("members"))
    with running(servers):
        yield servers
    said = Counter(assert_same(servers))
    assert acknowledged
    assert {said[text] for text in acknowledged} == {1}
    for server in servers:
        assert "Traceback" not in server.log.read_text()


@pytest.fixture
def speakers(members: list[Server]) -> Iterator[Callable[[], list[Speaker]]]:
    """Return what has somebody speak at each member; they all hear the same afterwards."""
    spoke: list[Speaker] = []

    def begin() -> list[Speaker]:
        names = [f"s{time.monotonic_ns() % 1_000_000}n{number}" for number in range(3)]
        new = [Speaker(server, name) for server, name in zip(members, names, strict=True)]
        for speaker in new:
            speaker.start()
        spoke.extend(new)
        return new

    yield begin
    for speaker in spoke:
        speaker.is_ending = True
    for speaker in spoke:
        speaker.join(25)
    acknowledged.extend(text for speaker in spoke for text in speaker.echoed)
    assert_one_flow(spoke)


def assert_one_flow(speakers: list[Speaker]) -> None:
    """Find that all who stayed heard one flow, in which all that was echoed is once."""
    stayed = [speaker for speaker in speakers if speaker.fault is None]
    last = f"the end {time.monotonic_ns()}"
    stayed[0].client.send(f"PRIVMSG #lobby :{last}")
    for speaker in stayed:
        while speaker.hear() != last:
            pass
        speaker.client.close()
    first = stayed[0].heard[0]
    for speaker in stayed[1:]:
        # Each hears from where it came in.
        shorter, longer = sorted((speaker.heard, stayed[0].heard), key=len)
        assert longer[-len(shorter) :] == shorter, first
    longest = max((speaker.heard for speaker in stayed), key=len)
    texts = [text for _, _, text in longest]
    assert len(set(texts)) == len(texts)
    for speaker in speakers:
        begun = {text for _, _, text in longest}
        missing = [text for text in speaker.echoed if text not in begun]
        # What somebody said before the others were there, they did not hear.
        assert missing == speaker.echoed[: len(missing)]
        assert len(missing) < len(speaker.echoed)


def test_each_hears_the_same_in_the_same_order(
    speakers: Callable[[], list[Speaker]],
) -> None:
    for speaker in speakers():
        speaker.more(50)


def test_nobody_notices_that_a_server_of_the_log_dies(
    members: list[Server], speakers: Callable[[], list[Speaker]]
) -> None:
    spoke, first = speakers(), leader(members)
    follower = (first + 1) % 3
    for speaker in spoke:
        speaker.more(20)
        speaker.silence = 0.0
    os.kill(nats_pid(members[follower]), signal.SIGKILL)
    for speaker in spoke:
        speaker.more(50)
    others = [one.silence for number, one in enumerate(spoke) if number != follower]
    # Without a word between: the other two are a majority. The rest is what else the machine does.
    assert max(others) < 2.0
    assert spoke[follower].silence < 5.0


def test_people_go_on_within_seconds_when_the_leader_of_the_log_dies(
    members: list[Server], speakers: Callable[[], list[Speaker]]
) -> None:
    spoke, first = speakers(), leader(members)
    for speaker in spoke:
        speaker.more(20)
    os.kill(nats_pid(members[first]), signal.SIGKILL)
    for speaker in spoke:
        speaker.more(50)
        assert speaker.silence < 15.0


def test_what_a_killed_node_had_acknowledged_is_there_and_it_comes_back(
    members: list[Server], speakers: Callable[[], list[Speaker]]
) -> None:
    spoke, first = speakers(), leader(members)
    for speaker in spoke:
        speaker.more(20)
    # The one whose server leads the log: that outlives its node, and hands over before it ends.
    victim, killed = members[first], spoke.pop(first)
    victim.kill()
    for speaker in spoke:
        speaker.more(20)
        speaker.silence = 0.0
    victim.start()
    back = Speaker(victim, "back")
    back.say("I am back")
    # Its sessions ended with it: nobody of them is in the channel.
    back.client.send("NAMES #lobby")
    names = back.client.until("353").params[-1].split()
    assert killed.name not in names
    assert spoke[0].name in names
    for speaker in spoke:
        speaker.more(5)
        # An election would take four seconds at least.
        assert speaker.silence < 3.0
    back.client.close()


def test_what_is_taken_back_leaves_every_archive_and_the_log(members: list[Server]) -> None:
    word = b"word-that-nobody-should-have-said"
    caps = (*CAPS, "draft/message-redaction")
    with Client(members[1].ports["plain"]).register("sorry", *caps).join("#sorry") as client:
        client.send(f"PRIVMSG #sorry :{word.decode()}")
        said = client.until("PRIVMSG")
        until(lambda: all(holders(members, word)))
        client.send(f"REDACT #sorry {said.tags['msgid']}")
        client.until("REDACT")
        until(lambda: not any(holders(members, word)))
        client.leave()


def until(what: Callable[[], bool]) -> None:
    """Wait until something is so that no client is told of."""
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def holders(members: list[Server], word: bytes) -> list[list[Path]]:
    """Return the files of each member that have a word, but for those of a server's quorum.

    What its quorum agreed on goes when that is compacted, minutes later.
    """
    return [
        [
            path
            for path in member.directory.rglob("*")
            if "_js_" not in path.parts and word in _bytes_of(path)
        ]
        for member in members
    ]


def _bytes_of(path: Path) -> bytes:
    """Return what a file holds: nothing where it is none, or is gone by now."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
