"""A disk that fills up while people talk: who spoke is told, nobody hears, and it goes on."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.irc.message import Message
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.test_health import HEALTH, get, scraped, wait_for
from tests.e2e.test_lost_data import run, try_to_start


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a directory with room for a few megabytes."""
    if os.getuid() != 0:
        pytest.skip("only root can mount a small file system")
    directory = tmp_path / "data"
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", str(directory)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let a test mount anything")
    yield directory
    subprocess.run(["umount", str(directory)], check=True)


def fill(directory: Path) -> None:
    """Leave no room at all."""
    with (directory / "ballast").open("ab", buffering=0) as ballast:
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    ballast.write(b"x" * size)
            except OSError:
                continue


def is_mine(message: Message) -> bool:
    return message.command in ("PRIVMSG", "FAIL")


def test_talk_goes_on_when_there_is_room_again(small_disk: Path) -> None:
    with Server(small_disk) as server:
        port = server.ports["plain"]
        ann = Client(port).register("ann", "echo-message").join("#lobby")
        bob = Client(port).register("bob").join("#lobby")
        ann.send("PRIVMSG #lobby :before")
        assert ann.until(is_mine).params[1] == "before"
        fill(small_disk)
        kept = ["before"]
        # What is in the write-ahead log already has room, so some may still fit.
        refusal = None
        for number in range(200):
            ann.send(f"PRIVMSG #lobby :{number} {'x' * 300}")
            answer = ann.until(is_mine)
            if answer.command == "FAIL":
                refusal = answer
                break
            kept.append(answer.params[1])
        assert refusal is not None
        assert refusal.params[:2] == ("PRIVMSG", "NOT_KEPT")
        # Others who come and go meanwhile get a clear answer too.
        late = Client(port)
        late.send("NICK late", "USER late 0 * :late")
        assert "no room" in late.until("ERROR").params[0]
        late.close()
        bob.send("PING :still served")
        heard = []
        while (message := bob.next()).command != "PONG":
            heard.append(message)
        assert [m.params[1] for m in heard if m.command == "PRIVMSG"] == kept
        (small_disk / "ballast").unlink()
        ann.send("PRIVMSG #lobby :after")
        assert ann.until(is_mine).params[1] == "after"
        assert bob.until("PRIVMSG").params[1] == "after"
        ann.close()
        bob.close()


def test_a_start_on_a_full_disk_can_be_tried_again(small_disk: Path) -> None:
    with Server(small_disk) as server:
        ann = Client(server.ports["plain"]).register("ann", "echo-message").join("#lobby")
        fill(small_disk)
        for number in range(200):
            ann.send(f"PRIVMSG #lobby :{number} {'x' * 300}")
            if ann.until(is_mine).command == "FAIL":
                break
        full = run(server, "status").stdout
        assert re.search(r"^journal +FULL, takes nothing: there is no room", full, re.M)
        ann.close()
    # The stop has emptied the write-ahead log.
    fill(small_disk)
    refused = try_to_start(server)
    assert refused.returncode == 75
    *_, line = refused.stderr.splitlines()
    assert "no room" in line
    (small_disk / "ballast").unlink()
    with server:
        assert "takes nothing" not in run(server, "status").stdout


def test_a_server_with_a_full_disk_can_be_stopped(small_disk: Path) -> None:
    with Server(small_disk) as server:
        ann = Client(server.ports["plain"]).register("ann", "echo-message").join("#lobby")
        fill(small_disk)
        for number in range(200):
            ann.send(f"PRIVMSG #lobby :{number} {'x' * 300}")
            if ann.until(is_mine).command == "FAIL":
                break
        assert server.stop() == 0
        ann.close()


def test_who_watches_sees_a_full_disk_and_its_end(small_disk: Path) -> None:
    with Server(small_disk, **HEALTH) as server:
        ann = Client(server.ports["plain"]).register("ann", "echo-message").join("#lobby")
        assert get(server, "/ready") == (200, "ready\n")
        fill(small_disk)
        wait_for(lambda: _is_refused(ann))
        assert get(server, "/ready") == (503, "journal-full\n")
        assert get(server, "/live")[0] == 200
        assert scraped(server)["hubbub_journal_writable",] == 0
        assert scraped(server)["hubbub_records_not_kept_total",] > 0
        ran = run(server, "health")
        assert (ran.returncode, ran.stdout) == (1, "not ready: journal-full\n")
        (small_disk / "ballast").unlink()
        # Nobody writes meanwhile, nor leaves: whoever is not sent here cannot be what finds it out.
        wait_for(lambda: get(server, "/ready") == (200, "ready\n"))
        assert scraped(server)["hubbub_journal_writable",] == 1
        assert "takes nothing" not in run(server, "status").stdout
        ann.close()


def _is_refused(ann: Client) -> bool:
    """Say something, and say whether there was no room for it."""
    ann.send(f"PRIVMSG #lobby :{'x' * 300}")
    return ann.until(is_mine).command == "FAIL"


def test_what_needs_no_room_can_be_asked_for_on_a_full_disk(small_disk: Path) -> None:
    with Server(small_disk) as server, Client(server.ports["plain"]) as ann:
        ann.register("ann")
        fill(small_disk)
        # Both were done, and whoever asked heard that they were not.
        for words, said in (
            (("reload",), "The settings were reread"),
            (("drain", "60"), "The server takes in nobody any more"),
        ):
            ran = run(server, *words)
            assert (ran.returncode, ran.stderr.count("no room to put on record")) == (0, 1)
            assert ran.stdout.startswith(said)
        ann.until(lambda m: m.command == "NOTICE" and "stops within 60 s" in m.params[-1])
