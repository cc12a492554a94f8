"""Measure what holds the loop: the longest turn that each thing takes, in a world that is large.

A real server, on asyncio's own loop, whose turns are timed from one look at its sockets to the
next: in CPU time of the loop's thread, so that a busy machine shows less. 100,000 accounts are
written to its journal; a crowd of real clients makes 10,000 channels and one with 5,000 members,
and then each thing is done once.

Run: python -m tools.measure_squares [--members N] [--channels N] [--accounts N] [--why]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from hubbub.bench.command import allow_descriptors
from hubbub.bench.contestants.certificate import make_certificate
from hubbub.bench.contestants.programs import Hubbub
from hubbub.bench.loads.crowd import ClientCrowd, Step, join, register, synchronise
from hubbub.bench.loads.peers import MeasuredPeer
from hubbub.bench.loads.starting import keep
from hubbub.cli.commands import main as main_of_server
from hubbub.node.hub import Hub
from hubbub.server import serve as serving
from tools.measure_memory import accounts

STAYING: Final = 1_000
"""How many clients stay when the others vanish; they own the channels."""
HELD_SECONDS: Final = 0.02
"""How long a turn may last."""
NOTED_SECONDS: Final = 0.001
"""How long a turn lasts that is written down."""
AT_ONCE: Final = 1_000
"""How many arrive at one moment: as many as the system keeps for a server that accepts them."""
MANY: Final = 80
"""In how many channels somebody is who is in many."""
HALL: Final = "#vanish"
QUIET_SECONDS: Final = 1.5
"""How long is waited for what follows from a thing."""


# In the server's process


class Turns:
    """Time the turns of an asyncio loop, and what they were spent on."""

    def __init__(self, selector: Any, out: Path) -> None:
        """Watch a loop by its selector; write what lasted to a file."""
        self._selector, self._out = selector, out.open("w", buffering=1)
        self._begun, self._cpu = time.monotonic(), time.thread_time()
        self.spent: defaultdict[str, float] = defaultdict(float)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._selector, name)

    def select(self, timeout: float | None = None) -> Any:
        """End a turn, wait, and begin another."""
        cpu = time.thread_time() - self._cpu
        if cpu >= NOTED_SECONDS:
            most = sorted(self.spent.items(), key=itemgetter(1), reverse=True)[:6]
            row = (self._begun, time.monotonic(), cpu, most)
            self._out.write(json.dumps(row) + "\n")
        self.spent.clear()
        ready = self._selector.select(timeout)
        self._begun, self._cpu = time.monotonic(), time.thread_time()
        return ready

    def watch_calls(self) -> None:
        """Note what each call of a turn took."""
        handles: Any = asyncio.Handle
        run, spent = handles._run, self.spent

        def timed(handle: Any) -> None:
            before, call = time.thread_time(), handle._callback
            run(handle)
            spent[_name(call)] += time.thread_time() - before

        handles._run = timed

    def watch_collector(self) -> None:
        """Note what the collector of cycles took."""
        begun = 0.0

        def collected(phase: str, info: dict[str, int]) -> None:
            nonlocal begun
            if phase == "start":
                begun = time.thread_time()
            else:
                self.spent[f"gc {info['generation']}"] += time.thread_time() - begun

        gc.callbacks.append(collected)


def _name(call: Any) -> str:
    call = getattr(call, "func", call)
    return str(getattr(call, "__qualname__", call))


def serve(out: Path, arguments: Sequence[str]) -> None:
    """Serve with a loop whose turns are timed; SIGUSR1 stores the World, SIGUSR2 collects."""
    hubs: Any = Hub
    made = hubs.__init__

    def remember(hub: Hub, *args: Any, **kwargs: Any) -> None:
        made(hub, *args, **kwargs)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, hub.store_snapshot)

    hubs.__init__ = remember

    def new_loop() -> asyncio.AbstractEventLoop:
        loop = asyncio.SelectorEventLoop()
        turns = Turns(loop._selector, out)  # type: ignore[attr-defined]
        loop._selector = turns  # type: ignore[attr-defined]
        turns.watch_calls()
        turns.watch_collector()
        return loop

    def runner() -> Callable[[Any], int]:
        def run(main: Any) -> int:
            with asyncio.Runner(loop_factory=new_loop) as held:
                return int(held.run(main))

        return run

    serving._runner = runner
    sys.argv = ["hubbub", *arguments]
    main_of_server()


# In the process that drives it


class Watched(Hubbub):
    """A server whose turns are timed."""

    def command(self) -> Sequence[str]:
        """Return the command that serves with a watched loop."""
        arguments = super().command()[3:]
        module = "tools.measure_squares"
        return (sys.executable, "-m", module, "--serve", str(self.turns), *arguments)

    def environment(self) -> dict[str, str]:
        """Return the settings, and where this module is found."""
        paths = (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", ""))
        return super().environment() | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}

    @property
    def turns(self) -> Path:
        """Return where its turns are written down."""
        return self.folder / "turns.jsonl"


@dataclass(slots=True)
class Measured:
    """What was done, when, and what turns were like meanwhile."""

    phases: list[tuple[str, float, float]] = field(default_factory=list)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Name what is done until the loop is quiet again."""
        sys.stderr.write(f"{name}\n")
        begun = time.monotonic()
        yield
        time.sleep(QUIET_SECONDS)
        self.phases.append((name, begun, time.monotonic()))

    def table(self, turns: Path, why: bool) -> Iterator[str]:
        """Yield a line for each thing: its longest turn, how many were too long, and of what."""
        rows = [json.loads(line) for line in turns.read_text().splitlines()]
        yield f"{'':26}{'longest turn':>13}{'(by the wall)':>15}{'over 20 ms':>12}"
        for name, begun, ended in self.phases:
            found = [row for row in rows if row[1] > begun and row[0] < ended]
            longest: Sequence[Any] = max(found, key=lambda row: row[2], default=(0.0, 0.0, 0.0, []))
            wall, over = longest[1] - longest[0], sum(row[2] > HELD_SECONDS for row in found)
            yield f"{name:26}{longest[2] * 1e3:10.1f} ms{wall * 1e3:12.1f} ms{over:12}"
            if why:
                spent = [f"{what} {took * 1e3:.1f}" for what, took in longest[3]]
                yield f"    {', '.join(spent)}"


def _ask(peer: MeasuredPeer, line: str, end: str) -> Step:
    return Step(f"{line}\r\n".encode(), end.encode())


def drive(server: Watched, members: int, channels: int, measured: Measured) -> None:
    """Do each thing once."""
    crowd, phase = ClientCrowd(server, tls=False), measured.phase
    staying = min(STAYING, members)
    going = members - staying
    _settle_in(crowd, staying, channels // staying, measured)
    command = [sys.executable, "-m", "hubbub.bench.loads.vanishing"]
    command += [str(server.address.plain), str(going), str(min(going, AT_ONCE))]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as vanishing:
        with phase(f"{going:,} arrive and join"):
            assert vanishing.stdout is not None
            assert vanishing.stdout.readline() == b"ready\n"
        _ask_all(server, crowd, members, measured)
        with phase("REHASH"):
            os.kill(server.pid, signal.SIGHUP)
        with phase("a snapshot"):
            os.kill(server.pid, signal.SIGUSR1)
            time.sleep(2 * QUIET_SECONDS)
        with phase(f"{going:,} vanish"):
            vanishing.kill()
            crowd.converse(lambda peer: [synchronise(peer)])
            time.sleep(2 * QUIET_SECONDS)
    crowd.close()


def _settle_in(crowd: ClientCrowd, staying: int, each: int, measured: Measured) -> None:
    """Let those come who stay; each begins channels of its own, and all join one."""
    phase = measured.phase
    names = [f"s{number:05d}" for number in range(staying)]
    own = {nick: ",".join(f"#{nick}-{one}" for one in range(each)) for nick in names}
    with phase(f"{staying:,} come"):
        crowd.enter(names, lambda peer: [register(peer)])
    with phase(f"{staying * each:,} channels begin"):
        crowd.converse(
            lambda peer: [
                _ask(peer, f"JOIN {own[peer.nick]}", f"-{each - 1} :End of"),
                synchronise(peer),
            ]
        )
    with phase(f"{staying:,} join one channel"):
        crowd.converse(lambda peer: [join(peer, HALL), synchronise(peer)])


def _ask_all(server: Watched, crowd: ClientCrowd, members: int, measured: Measured) -> None:
    """Ask for what is long to answer, or told to thousands."""
    phase, staying = measured.phase, len(crowd.peers)
    alone, few = ClientCrowd(server, tls=False), ClientCrowd(server, tls=False)
    few.peers = crowd.peers[:20]
    many = "".join(f"JOIN #{peer.nick}-0\r\n" for peer in crowd.peers[:MANY])
    with phase(f"one JOIN of {members:,}"):
        alone.enter(["late0"], lambda peer: [register(peer), join(peer, HALL)])
    with phase("NAMES by twenty"):
        few.converse(lambda peer: [_ask(peer, f"NAMES {HALL}", " 366 ")])
    with phase("WHO by twenty"):
        few.converse(lambda peer: [_ask(peer, f"WHO {HALL}", " 315 ")])
    with phase("LIST by twenty"):
        few.converse(lambda peer: [_ask(peer, "LIST", " 323 ")])
    with phase(f"NICK in {MANY} channels"):
        alone.converse(lambda peer: [_ask(peer, f"{many}NICK late1\r\nPING zz", "zz\r\n")])
    with phase(f"{staying:,} other nicks"):
        crowd.converse(lambda peer: [_ask(peer, f"NICK x{peer.nick}\r\nPING zz", "zz\r\n")])
    with phase(f"{staying:,} go away"):
        crowd.converse(lambda peer: [_ask(peer, "AWAY :lunch", " 306 "), synchronise(peer)])
    alone.close()


def main() -> None:
    """Print the table."""
    if sys.argv[1:2] == ["--serve"]:
        serve(Path(sys.argv[2]), sys.argv[3:])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=5_000)
    parser.add_argument("--channels", type=int, default=10_000)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument(
        "--why", action="store_true", help="Say what the longest turns were spent on."
    )
    options = parser.parse_args()
    allow_descriptors()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        there = Path(folder)
        server = Watched(
            there / "server", make_certificate(there), frozenset(os.sched_getaffinity(0))
        )
        # A first start makes the keys, without which none begins that finds a journal.
        server.start()
        server.kill()
        asyncio.run(keep(there / "server" / "data" / "journal.sqlite", accounts(options.accounts)))
        measured = Measured()
        try:
            server.start()
            time.sleep(QUIET_SECONDS)
            drive(server, options.members, options.channels, measured)
        finally:
            server.kill()
        for line in measured.table(server.turns, options.why):
            sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
