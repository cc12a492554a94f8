"""The command: measure the servers in turn, print a table, write a page, a chart and JSON."""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from hubbub.bench.contestants.certificate import Certificate, make_certificate
from hubbub.bench.contestants.ergo import Ergo, ergo_at, version_of
from hubbub.bench.contestants.process import MachineLoad
from hubbub.bench.contestants.programs import CONTESTANTS
from hubbub.bench.contestants.servers import Server
from hubbub.bench.disk import measure_sync
from hubbub.bench.errors import BenchError, ServerFailed
from hubbub.bench.loads.handshake import negotiated
from hubbub.bench.loads.scenarios import QUICK, SCENARIOS, Sizes
from hubbub.bench.reporting import chart, report
from hubbub.bench.reporting.results import Circumstances, Results, as_json, describe_machine, now

RESULTS: Final = Path("bench/results")
_DESCRIPTORS: Final = 8192
# Unlike /tmp it is hardly ever in memory, where a sync would cost nothing.
_WORK: Final = Path("/var/tmp")  # noqa: S108


@dataclass(frozen=True, slots=True)
class Plan:
    """Which servers are driven through which scenarios, how often and where."""

    servers: dict[str, type[Server]]
    scenarios: tuple[str, ...]
    sizes: Sizes
    repeats: int
    quick: bool
    pin: bool
    out: Path
    work: Path

    def cpus(self) -> tuple[frozenset[int], frozenset[int]]:
        """Return the CPUs of the servers and those of the driver."""
        available = sorted(os.sched_getaffinity(0))
        if not self.pin or len(available) < 2:
            return frozenset(available), frozenset(available)
        return frozenset(available[:1]), frozenset(available[1:2])


class Bench:
    """One run of the benchmark."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        """Prepare to keep everything temporary in `folder`."""
        self._plan = plan
        self._folder = folder
        self._certificate: Certificate = make_certificate(folder)
        self._server_cpus, self._driver_cpus = plan.cpus()
        self.versions = {
            name: version for name, kind in plan.servers.items() if (version := kind.version())
        }
        self.results = Results(tuple(self.versions))

    def run(self) -> Circumstances:
        """Figure everything, the servers alternately, and return the circumstances."""
        machine, system = describe_machine()
        before = os.sched_getaffinity(0)
        load = MachineLoad()
        os.sched_setaffinity(0, self._driver_cpus)
        try:
            sync = measure_sync(self._folder)
            cipher = self._cipher()
            for scenario in self._plan.scenarios:
                for turn in range(self._plan.repeats):
                    for name in self.versions:
                        self._measure(scenario, turn, name)
        finally:
            os.sched_setaffinity(0, before)
        self.results.others_busy = load.others_share()
        return Circumstances(
            when=now(),
            machine=machine,
            system=system,
            versions=self.versions,
            pinning=self._pinning(),
            cipher=cipher,
            sync=sync,
            repeats=self._plan.repeats,
            sizes=asdict(self._plan.sizes),
            quick=self._plan.quick,
        )

    def _server(self, name: str, run: str) -> Server:
        kind = self._plan.servers[name]
        return kind(self._folder / run, self._certificate, self._server_cpus)

    def _measure(self, scenario: str, turn: int, name: str) -> None:
        if self.results.hopeless(name, scenario):
            return
        _say(f"{scenario} {turn + 1}/{self._plan.repeats} {name}")
        server = self._server(name, f"{scenario}-{turn}-{name}")
        try:
            self.results.add(name, SCENARIOS[scenario](server, self._plan.sizes))
        except BenchError as error:
            self.results.fail(name, scenario, str(error))
            _say(f"{scenario} {name} failed: {error}")
        finally:
            server.kill()
            shutil.rmtree(server.folder, ignore_errors=True)

    def _cipher(self) -> str:
        found: dict[str, list[str]] = {}
        for name in self.versions:
            server = self._server(name, f"cipher-{name}")
            try:
                server.start()
                found.setdefault(negotiated(server.address.tls), []).append(name)
            except (ServerFailed, OSError) as error:
                found.setdefault(f"failed: {error}", []).append(name)
            finally:
                server.kill()
        suites = "; ".join(f"{suite} ({', '.join(names)})" for suite, names in found.items())
        return f"{suites}; the same ECDSA P-256 certificate for all"

    def _pinning(self) -> str:
        if self._server_cpus == self._driver_cpus:
            return "servers and driver share all CPUs"
        return "each server with all its threads has one CPU, the driver another"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark and return the exit code: 1 if no server could be measured."""
    parser = _parser()
    plan = _plan(parser, parser.parse_args(argv))
    allow_descriptors()
    before = signal.signal(signal.SIGTERM, _terminated)
    plan.work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="hubbub-bench-", dir=plan.work))
    try:
        bench = Bench(plan, folder)
        circumstances = bench.run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(signal.SIGTERM, before)
    _publish(bench.results, circumstances, plan.out)
    return 0 if bench.results.readings else 1


def _publish(results: Results, circumstances: Circumstances, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    stem = "quick" if circumstances.quick else "latest"
    document = json.dumps(as_json(results, circumstances), indent=1, ensure_ascii=False)
    (out / f"{stem}.json").write_text(document + "\n")
    (out / f"{stem}.svg").write_text(chart.draw(results))
    page = report.as_markdown(results, circumstances, f"{stem}.svg")
    (out / f"{stem}.md").write_text(page)
    verdicts = report.verdict_rows(results.verdicts())
    tables = [
        report.as_text(report.value_heading(results), report.value_rows(results)),
        # What is small says nothing about targets.
        "" if circumstances.quick else report.as_text(["", "wanted", "found", ""], verdicts),
        "\n".join(report.failure_lines(results)),
        f"written to {out / stem}.md, .svg and .json",
    ]
    sys.stdout.write("\n" + "\n\n".join(table for table in tables if table) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hubbub bench",
        description="Figure Hubbub, ngircd, InspIRCd and Ergo with the same load.",
    )
    parser.add_argument(
        "--servers",
        type=_names((*CONTESTANTS, Ergo.name)),
        metavar="A,B",
        help="which, with commas between (default: all that are installed, and Ergo if named)",
    )
    parser.add_argument(
        "--ergo", type=_ergo, metavar="PATH", help="where the program of Ergo is, to measure it too"
    )
    parser.add_argument(
        "--scenario",
        type=_names(SCENARIOS),
        default=tuple(SCENARIOS),
        metavar="A,B",
        help=f"which, with commas between (default: all): {', '.join(SCENARIOS)}",
    )
    # No defaults: whether they were given decides what --quick makes small.
    parser.add_argument("--seconds", type=float, help="how long each load lasts (default: 3)")
    parser.add_argument("--repeat", type=int, help="take the median of so many (default: 3)")
    parser.add_argument("--quick", action="store_true", help="everything small, once")
    # Pinned, so that a server never has the CPU that drives it.
    parser.add_argument("--no-pin", action="store_true", help="let all run on all CPUs")
    parser.add_argument("--out", type=Path, default=RESULTS, help=f"default: {RESULTS}")
    parser.add_argument(
        "--work",
        type=Path,
        default=_WORK,
        help=f"a folder on the disk that the journal is measured on (default: {_WORK})",
    )
    return parser


def _names(known: Iterable[str]) -> Callable[[str], tuple[str, ...]]:
    """Return a parser of known names with commas between them."""
    there = tuple(known)

    def parse(text: str) -> tuple[str, ...]:
        chosen = tuple(part.strip() for part in text.split(",") if part.strip())
        for name in chosen:
            if name not in there:
                raise argparse.ArgumentTypeError(f"unknown: {name}; there are {', '.join(there)}")
        return chosen

    return parse


def _ergo(text: str) -> type[Ergo]:
    """Return Ergo as a contestant, if its program can be run."""
    program = Path(text).absolute()
    try:
        version_of(program)
    except ServerFailed as error:
        raise argparse.ArgumentTypeError(
            f"{error}; name the program, as in --ergo ./ergo"
        ) from None
    return ergo_at(program)


def _contestants(
    parser: argparse.ArgumentParser, options: argparse.Namespace
) -> dict[str, type[Server]]:
    """Return the servers that were asked for."""
    there = CONTESTANTS | ({Ergo.name: options.ergo} if options.ergo is not None else {})
    chosen = options.servers or tuple(there)
    if Ergo.name in chosen and options.ergo is None:
        parser.error("--servers ergo takes --ergo PATH as well: where its program is")
    return {name: there[name] for name in chosen}


def _plan(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Plan:
    sizes = QUICK if options.quick else Sizes()
    if options.seconds is not None:
        sizes = replace(sizes, seconds=options.seconds)
    return Plan(
        servers=_contestants(parser, options),
        scenarios=options.scenario,
        sizes=sizes,
        repeats=options.repeat or (1 if options.quick else 3),
        quick=options.quick,
        pin=not options.no_pin,
        out=options.out,
        work=options.work,
    )


def allow_descriptors() -> None:
    """Raise the limit of open files for the driver and for the servers that it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < _DESCRIPTORS:
        wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _terminated(number: int, _: FrameType | None) -> NoReturn:
    """Leave by way of an exception, so that no server is left behind."""
    raise SystemExit(128 + number)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
