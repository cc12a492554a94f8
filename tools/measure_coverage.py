"""Measure what tests reach: each module by its own file of tests, two rooms by all of theirs.

Run: `make coverage`, with ARGS=core/apply for a part. The tests run once; what is reached is noted
under the file whose test reached it, and what an import runs belongs to everybody. Fails where the
branches of `core/` or `journal/` are taken too seldom, or a test fails. What processes of their own
run is not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from coverage import Coverage

from tools.measure import PACKAGE, ROOT, House
from tools.measure_sources import SMALL, Module

ROOMS: Final = ("core", "journal")
"""Whose branches have to be taken by the tests in the folder of the same name."""
BRANCHES: Final = 97.0
"""Per cent of them, at least."""
SHOWN: Final = 60
"""Columns for what is not reached; the rest is cut off."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How much of a module some tests reach."""

    path: Path
    statements: int
    missing: list[int]
    branches: int
    untaken: list[tuple[int, int]]
    """From which line to which, negative where that is the end of what begins there."""

    @property
    def share(self) -> float:
        """Return the per cent of statements and branches, 100 where there are none."""
        return _percent(self.statements + self.branches, len(self.missing) + len(self.untaken))


class ByFile:
    """Note what runs under the file of the test that runs."""

    def __init__(self, coverage: Coverage) -> None:
        """Take what measures."""
        self._coverage = coverage

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Name the file before the test and what it needs is set up."""
        self._coverage.switch_context(Path(item.location[0]).as_posix())
        return (yield)


def run(root: Path, tests: Sequence[str]) -> tuple[Coverage, int]:
    """Run tests of a checkout, and return what they reached, and pytest's exit code."""
    coverage = Coverage(
        data_file=str(root / ".coverage"),
        branch=True,
        source=[str(root / "src" / PACKAGE)],
        config_file=False,
    )
    coverage.erase()
    coverage.start()
    try:
        code = pytest.main(["-q", "--rootdir", str(root), *tests], plugins=[ByFile(coverage)])
    finally:
        coverage.stop()
        coverage.save()
    return coverage, int(code)


def reached(coverage: Coverage, module: Module, root: Path, tests: str) -> Reached:
    """Return what the files of tests that a pattern matches reach of a module."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        coverage.json_report(
            morfs=[str(root / "src" / PACKAGE / module.path)],
            outfile=file.name,
            # What is run by an import has no test of its own to be noted under.
            contexts=["^$", f"^{tests}"],
            ignore_errors=True,
        )
        (found,) = json.loads(Path(file.name).read_text("utf-8"))["files"].values()
    summary = found["summary"]
    untaken = [(first, second) for first, second in found["missing_branches"]]
    return Reached(
        module.path,
        summary["num_statements"],
        found["missing_lines"],
        summary["num_branches"],
        untaken,
    )


def own_table(parts: Sequence[Reached]) -> str:
    """Return how much each module's own tests reach of it, the worst first."""
    width = max((len(str(part.path)) for part in parts), default=0)
    rows = [
        f"{part.share:4.0f}%  {part.path!s:{width}}  {_lines(part)}".rstrip()
        for part in sorted(parts, key=lambda part: (part.share, part.path))
    ]
    return "\n".join(["by its own tests; lines and branches not reached", *rows])


def _lines(part: Reached) -> str:
    words = [str(line) for line in part.missing]
    words += [f"{a}->{b}" for a, b in part.untaken if not {a, b} & set(part.missing)]
    return _cut(words)


def _cut(words: Iterable[str]) -> str:
    text = " ".join(words)
    return text if len(text) <= SHOWN else f"{text[:SHOWN].rpartition(' ')[0]} ..."


def room_table(room: str, parts: Sequence[Reached]) -> tuple[str, bool]:
    """Return what all the tests of a room leave out, and whether that is little enough."""
    branches = sum(part.branches for part in parts)
    share = _percent(branches, sum(len(part.untaken) for part in parts))
    lacking = [part for part in parts if part.untaken]
    lacking.sort(key=lambda part: (-len(part.untaken), part.path))
    width = max((len(str(part.path)) for part in lacking), default=0)
    rows = [
        f"  {len(part.untaken):3} of {part.branches:3}  {part.path!s:{width}}  "
        + _cut(f"{a}->{b}" for a, b in part.untaken)
        for part in lacking
    ]
    head = f"{room}/: {share:.1f}% of {branches} branches taken, at least {BRANCHES:.0f}%; not:"
    return "\n".join([head, *rows]), share >= BRANCHES


def _percent(whole: int, missing: int) -> float:
    return 100.0 * (whole - missing) / whole if whole else 100.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tests, print the tables, and return 1 where too little is reached."""
    parser = argparse.ArgumentParser("make coverage", description="Measure what tests reach.")
    parser.add_argument("part", nargs="?", default="", help="a folder of the package")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout to measure")
    asked = parser.parse_args(argv)
    os.chdir(asked.root)
    house = House.at(asked.root)
    there = {module.path for module in house.tests}
    modules = [module for module in house.code if module.path.is_relative_to(asked.part)]
    mirrored = [m for m in modules if m.path.stem not in SMALL and m.mirror in there]
    here = {one.path.parts[0] for one in modules}
    rooms = [room for room in ROOMS if room in here and Path(room).is_relative_to(asked.part)]
    tests = [f"tests/{room}" for room in rooms]
    tests += [f"tests/{one.mirror}" for one in mirrored if one.path.parts[0] not in rooms]
    coverage, code = run(asked.root, tests)
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        # What was not run reached nothing, which says nothing of the tests.
        return 1
    texts, enough = [], code == 0
    own = [reached(coverage, one, asked.root, re.escape(f"tests/{one.mirror}")) for one in mirrored]
    texts.append(own_table(own))
    for room in rooms:
        inside = [one for one in modules if one.path.parts[0] == room]
        parts = [reached(coverage, one, asked.root, f"tests/{room}/") for one in inside]
        text, good = room_table(room, parts)
        texts.append(text)
        enough = enough and good
    sys.stdout.write("\n\n".join(["", *texts]) + "\n")
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
