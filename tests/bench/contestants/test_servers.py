"""A server is started, watched and ended, whatever it does."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from hubbub.bench.contestants import servers
from hubbub.bench.contestants.certificate import Certificate
from hubbub.bench.contestants.servers import Server
from hubbub.bench.errors import ServerFailed

LISTEN = """
import os, socket, sys, time
print("affinity", sorted(os.sched_getaffinity(0)), flush=True)
doors = [socket.create_server(("127.0.0.1", int(port))) for port in sys.argv[1:]]
time.sleep(60)
"""


class Small(Server):
    """A server that only listens, or does what it is told instead."""

    name = "small"
    script = LISTEN

    @classmethod
    def version(cls) -> str | None:
        return "small 1"

    def configure(self) -> None:
        (self.folder / "configured").touch()

    def command(self) -> Sequence[str]:
        ports = (self.address.plain, self.address.tls)
        return (sys.executable, "-c", self.script, *map(str, ports))


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    certificate = Certificate(tmp_path / "crt", tmp_path / "key")
    cpu = min(os.sched_getaffinity(0))
    server = Small(tmp_path / "run", certificate, frozenset({cpu}))
    yield server
    server.kill()


def test_it_is_ready_when_its_doors_accept_and_can_be_started_again(small: Small) -> None:
    here = os.sched_getaffinity(0)
    for _ in range(2):
        small.start()
        small.check()
        assert small.memory() > 1_000_000
        assert 0 < small.settled_cpu() < 60
        small.kill()
        with pytest.raises(ServerFailed, match="small is not running"):
            small.check()
    with pytest.raises(ServerFailed, match="small is not running"):
        _ = small.pid
    # It had its CPU, and who started it has the same as before.
    assert (small.folder / "output.txt").read_text() == f"affinity [{min(here)}]\n"
    assert os.sched_getaffinity(0) == here


def test_the_last_that_it_said_tells_why_it_ended(small: Small) -> None:
    small.script = "print('first', flush=True); raise SystemExit('no such thing')"
    with pytest.raises(ServerFailed, match="ended with 1: no such thing"):
        small.start()
    small.script = "raise SystemExit(3)"
    with pytest.raises(ServerFailed, match="ended with 3: it said nothing"):
        small.start()


def test_one_that_opens_no_door_is_not_waited_for_for_ever(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "READY_SECONDS", 0.2)
    small.script = "import time; time.sleep(60)"
    with pytest.raises(ServerFailed, match="not ready after 0 s; it said nothing"):
        small.start()
    with pytest.raises(ServerFailed, match="small is not running"):
        small.check()


def test_the_door_of_ssh_is_waited_for_where_it_is_opened(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.opens_ssh = True
    small.launch()
    monkeypatch.setattr(servers, "READY_SECONDS", 0.5)
    with pytest.raises(ServerFailed, match="not ready"):
        small.wait_ready()


def test_ports_are_free_and_three(small: Small) -> None:
    address = small.address
    assert len({address.plain, address.tls, address.ssh}) == 3
    assert (address.port(tls=True), address.port(tls=False)) == (address.tls, address.plain)
