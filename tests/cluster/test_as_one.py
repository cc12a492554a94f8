"""Three real members: one server to the eye, the truth in a stall, a drain while people talk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hubbub.irc.message import Message
from hubbub.node.peers.handover import RECONNECT
from hubbub.node.peers.watch import RESUMED, STALLED
from tests.cluster.members import make_members, nats_pid, running
from tests.e2e.irc_client import Client
from tests.e2e.server import Server

CAPS = ("message-tags", "echo-message", "labeled-response", "server-time", "batch")


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    made = make_members(tmp_path_factory.mktemp("as-one"), HUBBUB_DOORS__HEALTH='["127.0.0.1:0"]')
    with running(made) as servers:
        yield servers


@contextmanager
def person(server: Server, nick: str) -> Iterator[Client]:
    with Client(server.ports["plain"]) as client:
        yield client.register(nick, *CAPS).join("#room")


def ready(server: Server) -> tuple[int, str]:
    """Return what the health door answers."""
    url = f"http://127.0.0.1:{server.ports['health']}/ready"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode().strip()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode().strip()


def hubbub(server: Server, *words: str) -> str:
    """Return what the operator's command line says."""
    command = [sys.executable, "-m", "hubbub", *words, "--data", str(server.directory)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def until(seconds: float, holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_typing_idle_and_status_are_those_of_one_server(members: list[Server]) -> None:
    with person(members[0], "ann") as ann, person(members[2], "bob") as bob:
        ann.until(lambda m: m.command == "JOIN" and m.nick == "bob")
        ann.send("@+typing=active TAGMSG #room")
        typing = bob.until("TAGMSG")
        assert (typing.nick, typing.params, typing.tags["+typing"]) == ("ann", ("#room",), "active")
        ann.send("PRIVMSG #room :hello")
        bob.until("PRIVMSG")
        bob.send("WHOIS ann")
        assert int(bob.until("317").params[2]) <= 5
        bob.send("LUSERS")
        assert "I have 2 clients and 0 servers" in bob.until("255").params[-1]
        until(15, lambda: hubbub(members[1], "status").count("in order") == 3)
        told = hubbub(members[1], "status")
        assert all(f"node-{number}" in told for number in range(3))
        assert "this one" in told


def test_a_stall_is_told_as_it_is_and_passes(members: list[Server]) -> None:
    one = members[0]
    with person(one, "cat") as cat, person(members[1], "dan") as dan:
        cat.send("PRIVMSG #room :before")
        dan.until("PRIVMSG")
        stopped = [nats_pid(each) for each in members[1:]]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            cat.send("@label=out PRIVMSG #room :in flight")
            until(6, lambda: ready(one) == (503, "no-quorum"))
            with Client(one.ports["plain"]) as newcomer:
                assert "no quorum" in newcomer.until("ERROR").params[0]
            notice = cat.until(lambda m: m.command == "NOTICE" and m.params[-1] == STALLED)
            assert notice.params[0] == "cat"
            cat.send("@label=no PRIVMSG #room :refused", "NAMES #room")
            failed = cat.until("FAIL")
            assert (failed.tags["label"], failed.params[1]) == ("no", "READ_ONLY")
            cat.until("366")
            assert "order" in hubbub(one, "status").split("look-at")[-1]
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
        # In either order: a heartbeat may have been out, and the message behind it.
        back = {cat.until(is_back).params[-1] for _ in range(2)}
        assert back == {"in flight", RESUMED}
        until(10, lambda: all(ready(each) == (200, "ready") for each in members))
        cat.send("PRIVMSG #room :after")
        texts = [dan.until("PRIVMSG").params[1] for _ in range(2)]
        assert texts == ["in flight", "after"], "nobody is shown what was refused"


def is_back(message: Message) -> bool:
    """Say whether a message tells that the stall is over, or is what was said in it."""
    return message.params[-1:] == (RESUMED,) or message.tags.get("label") == "out"


def is_labelled(label: str) -> Callable[[Message], bool]:
    def fits(message: Message) -> bool:
        return message.command == "PRIVMSG" and message.tags.get("label") == label

    return fits


@contextmanager
def in_a_pipe(home: Path, *servers: Server) -> Iterator[subprocess.Popen[str]]:
    """Run `hubbub chat` in a pipe, with several servers in its URL."""
    places = ",".join(f"127.0.0.1:{server.ports['plain']}" for server in servers)
    command = [sys.executable, "-m", "hubbub", "chat", f"irc://piper@{places}/#room"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "HOME": str(home)},
    ) as pipe:
        try:
            yield pipe
        finally:
            pipe.kill()


def say(pipe: subprocess.Popen[str], line: str) -> None:
    assert pipe.stdin is not None
    pipe.stdin.write(f"{line}\n")
    pipe.stdin.flush()


def is_text(text: str) -> Callable[[Message], bool]:
    return lambda message: message.command == "PRIVMSG" and message.params[1] == text


def test_a_member_is_drained_while_people_talk(members: list[Server], tmp_path: Path) -> None:
    """Last in this file: one of the members is gone after it."""
    leaving, staying = members[1], members[2]
    with (
        person(leaving, "eve") as eve,
        person(staying, "fay") as fay,
        in_a_pipe(tmp_path, leaving, staying) as pipe,
    ):
        say(pipe, "first")
        fay.until(is_text("first"))
        fay.send("PRIVMSG #room :1")
        eve.until(is_text("1"))
        told = hubbub(leaving, "drain", "20")
        assert "sends everybody to the others" in told
        until(3, lambda: ready(leaving) == (503, "draining"))
        worst = 0.0
        for number in range(2, 60):
            begun = time.monotonic()
            fay.send(f"@label={number} PRIVMSG #room :{number}")
            fay.until(is_labelled(str(number)))
            worst = max(worst, time.monotonic() - begun)
            time.sleep(0.05)
        assert worst < 3.0, "talk goes on"
        assert RECONNECT in eve.until("ERROR").params[0]
        assert leaving.ended(30) == 0
        fay.sync()
        gone = [message.nick for message in fay.seen if message.command == "QUIT"]
        assert sorted(gone) == ["eve", "piper"], "guests come again as somebody new"
        assert "down" in hubbub(staying, "status")
        say(pipe, "second")
        fay.until(is_text("second"))
        pipe.stdin.close()  # type: ignore[union-attr]
        assert pipe.wait(60) == 0, "it came back by itself, by the next of its servers"


def test_a_stop_in_a_stall_comes_to_an_end_and_says_what_is_not_known(
    members: list[Server],
) -> None:
    """After the drain: of the two that are left one cannot go on without the other."""
    one, other = members[0], members[2]
    with person(one, "gus") as gus:
        pid = nats_pid(other)
        os.kill(pid, signal.SIGSTOP)
        try:
            gus.send("@label=out PRIVMSG #room :out")
            gus.until(lambda m: m.command == "NOTICE" and m.params[-1] == STALLED)
            begun = time.monotonic()
            one.signal(signal.SIGTERM)
            failed = gus.until(lambda m: m.tags.get("label") == "out")
            assert failed.params[1] in ("OUTCOME_UNKNOWN", "NOT_KEPT")
            gus.until("ERROR")
            assert one.ended(30) == 0
            assert time.monotonic() - begun < 25, "the log's own server takes its time"
        finally:
            os.kill(pid, signal.SIGCONT)
