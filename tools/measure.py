"""Measure the house: how the code is, beside what it was before it moved. Run: `make measure`.

Each figure stands beside that of commit 8ebadcf, which `--root` with a checkout of it gives again.
`--check` fails where a limit is exceeded, `--names` says what is behind the figures, and
`--longest` gives the longest private functions.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.measure_sources import (
    SMALL,
    Function,
    Module,
    Spread,
    classes_of,
    comment_lines,
    cycles,
    docstring_lines,
    files_in_folders,
    functions_of,
    imports_of,
    is_described,
    modules_below,
    protocols_named,
    public_things,
    written_lines,
)

ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = "hubbub"
LONG: Final = 40
"""Lines of a function that still fit on the screen."""
BRANCHED: Final = 10
"""A cyclomatic complexity from which on a function is hard to test."""
FILES: Final = 16
DOUBLE_NAMES: Final = 5
OWNERS: Final = 1
UNMIRRORED: Final = 20
EXCUSES: Final = Path("tests/without_mirror.txt")
"""Which modules have no test of their own, and why: PATH, blanks, REASON."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    name: str
    now: str
    before: str
    """At commit 8ebadcf."""
    worse: bool = False
    limit: str = ""
    faults: Sequence[str] = ()
    """What exceeds the limit, in words."""
    names: Sequence[str] = ()
    """What is behind the figure."""


@dataclass(frozen=True, slots=True)
class House:
    """The sources of the package and of its tests."""

    root: Path
    code: list[Module]
    tests: list[Module]

    @classmethod
    def at(cls, root: Path) -> House:
        """Read the checkout at a path."""
        return cls(root, modules_below(root / "src" / PACKAGE), modules_below(root / "tests"))

    def without_mirror(self) -> list[Path]:
        """Return the modules for which no file of tests is called as they are."""
        there = {module.path for module in self.tests}
        candidates = [module for module in self.code if module.path.stem not in SMALL]
        return [module.path for module in candidates if module.mirror not in there]

    def excuses(self) -> dict[Path, str]:
        """Return what is said of modules without a test of their own."""
        path = self.root / EXCUSES
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        told = [line.partition(" ") for line in lines if line and not line.startswith("#")]
        return {Path(name): reason.strip() for name, _, reason in told}


def figures(house: House) -> list[Figure]:
    """Measure everything, in the order of the table."""
    functions = list(functions_of(house.code))
    return [
        *_sizes(house, functions),
        *_descriptions(house, functions),
        *_tests(house),
        *_order(house),
    ]


def _sizes(house: House, functions: Sequence[Function]) -> list[Figure]:
    files = [len(module.text.splitlines()) for module in house.code if not module.is_bare]
    long = [one for one in functions if one.lines > LONG]
    branched = [one for one in functions if one.complexity > BRANCHED]
    forks = Spread.of([one.complexity for one in functions])
    return [
        Figure("files / lines", f"{len(files)} / {sum(files) / 1000:.1f}k", "251 / 37.9k"),
        _spread("file length", files, Spread(124, 305, 453)),
        _spread("function length", [one.lines for one in functions], Spread(5, 16, 46)),
        Figure(
            f"functions > {LONG} lines",
            f"{len(long)} of {len(functions)}",
            "3 of 2711",
            worse=len(long) * 2711 > 3 * len(functions),
            names=[f"{_place(one)}: {one.lines} lines" for one in long],
        ),
        _spread("parameters", [one.parameters for one in functions], Spread(1, 3, 12)),
        Figure(
            f"cyclomatic complexity (> {BRANCHED})",
            f"{forks} ({len(branched)})",
            "2/7/21 (67)",
            worse=forks.exceeds(Spread(2, 7, 21)) or len(branched) * 2711 > 67 * len(functions),
            names=[f"{_place(one)}: {one.complexity}" for one in branched],
        ),
    ]


def _spread(name: str, numbers: Sequence[int], before: Spread) -> Figure:
    now = Spread.of(numbers)
    return Figure(name, str(now), str(before), worse=now.exceeds(before))


def _place(function: Function) -> str:
    return f"{function.path}:{function.line} {function.name}"


def _descriptions(house: House, functions: Sequence[Function]) -> list[Figure]:
    public = [(module, node) for module in house.code for node in public_things(module.tree)]
    bare = [
        f"{module.path}:{node.lineno} {node.name} has no docstring"
        for module, node in public
        if not is_described(node)
    ]
    filled = [module for module in house.code if module.text]
    undescribed = [str(module.path) for module in filled if not is_described(module.tree)]
    bare_types = [_place(one) for one in functions if not one.annotated]
    written = written_lines(house.code)
    comments = comment_lines(house.code) / written
    return [
        Figure(
            "public docstrings",
            f"{_percent(len(public) - len(bare), len(public))} of {len(public)}",
            "100% of 1780",
            worse=bool(bare),
            limit="none without",
            faults=bare,
            names=bare,
        ),
        _whole("module docstrings", undescribed, len(filled)),
        Figure("comment lines", f"{comments:.1%}", "1.0%", worse=comments < 0.01),
        Figure("docstring lines", f"{docstring_lines(house.code) / written:.1%}", "13.6%"),
        _whole("annotated", bare_types, len(functions)),
    ]


def _whole(name: str, lacking: Sequence[str], count: int) -> Figure:
    now = _percent(count - len(lacking), count)
    return Figure(name, now, "100%", worse=bool(lacking), names=lacking)


def _percent(part: int, whole: int) -> str:
    # Rounded down: one that is missing must not hide among thousands.
    return f"{part * 100 // whole if whole else 100}%"


def _tests(house: House) -> list[Figure]:
    code = sum(len(module.text.splitlines()) for module in house.code)
    tests = sum(len(module.text.splitlines()) for module in house.tests)
    share = tests / code
    lengths = [one.lines for one in functions_of(house.tests) if one.name.startswith("test_")]
    missing = house.without_mirror()
    excuses = house.excuses()
    faults = [f"{path} has no test of its own" for path in missing if not excuses.get(path)]
    faults += [f"{path} needs no excuse any more" for path in sorted(set(excuses) - set(missing))]
    faults += _too_many(len(missing), UNMIRRORED, "modules without a test of their own")
    return [
        Figure("test lines / code lines", f"{share:.2f}", "0.79", worse=round(share, 2) < 0.79),
        _spread("test function", lengths, Spread(8, 16, 47)),
        Figure(
            "modules without a test of their own",
            str(len(missing)),
            "122",
            worse=len(missing) > 122,
            limit=f"{UNMIRRORED}, named",
            faults=faults,
            names=[f"{path}  {excuses.get(path, 'without a reason')}" for path in missing],
        ),
    ]


def _order(house: House) -> list[Figure]:
    circles = [" and ".join(names) for names in cycles(imports_of(house.code, PACKAGE))]
    folders = files_in_folders(house.code)
    fullest = max(folders.values(), default=0)
    full = [f"{path} has {count} files" for path, count in folders.items() if count > FILES]
    double = {name: paths for name, paths in classes_of(house.code).items() if len(paths) > 1}
    owners = [str(path) for path in protocols_named("Owner", house.code)]
    return [
        Figure("import cycles", str(len(circles)), "0", bool(circles), "0", circles, circles),
        Figure("most files in a folder", str(fullest), "37", fullest > 37, str(FILES), full, full),
        Figure(
            "owners that stand for the whole node",
            str(len(owners)),
            "7",
            worse=len(owners) > 7,
            limit=str(OWNERS),
            faults=_too_many(len(owners), OWNERS, "Protocols called Owner"),
            names=owners,
        ),
        Figure(
            "class names that mean two things",
            str(len(double)),
            "37",
            worse=len(double) > 37,
            limit=str(DOUBLE_NAMES),
            faults=_too_many(len(double), DOUBLE_NAMES, "class names that mean two things"),
            names=[f"{name}: {', '.join(map(str, paths))}" for name, paths in double.items()],
        ),
    ]


def _too_many(count: int, limit: int, what: str) -> list[str]:
    return [f"{count} {what}, {limit} at most"] if count > limit else []


def table(rows: Iterable[Figure]) -> str:
    """Return the figures in columns."""
    cells = [("", "now", "8ebadcf", "", "limit")]
    cells += [
        (row.name, row.now, row.before, "worse" if row.worse else "", row.limit) for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)
    return "\n".join(lines)


def longest_private(house: House, count: int) -> list[str]:
    """Return the longest functions that only their own module calls: lines, and of comment."""
    private = [one for one in functions_of(house.code) if one.name.startswith("_")]
    private = [one for one in private if not one.name.endswith("__")]
    private.sort(key=lambda one: (-one.lines, one.path, one.line))
    return [f"{one.lines:3} {one.comments:2}  {_place(one)}" for one in private[:count]]


def arguments() -> argparse.ArgumentParser:
    """Return what may be asked."""
    parser = argparse.ArgumentParser("make measure", description="Measure the sources.")
    parser.add_argument("--check", action="store_true", help="fail where a limit is exceeded")
    parser.add_argument("--names", action="store_true", help="say what is behind the figures")
    parser.add_argument("--longest", type=int, default=0, metavar="N", help="private functions")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout to measure")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table, and return 1 where `--check` finds something."""
    asked = arguments().parse_args(argv)
    house = House.at(asked.root)
    rows = figures(house)
    parts = [table(rows)]
    if asked.names:
        parts += ["\n".join([row.name, *row.names]) for row in rows if row.names]
    if asked.longest:
        longest = longest_private(house, asked.longest)
        parts.append("\n".join(["longest private functions: lines, of them comment", *longest]))
    sys.stdout.write("\n\n".join(parts) + "\n")
    faults = [fault for row in rows for fault in row.faults] if asked.check else []
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
