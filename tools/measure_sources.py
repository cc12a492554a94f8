"""Read what Python sources are like: how long, how branched, how described, who imports whom."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Final, TypeAlias

AnyFunction: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Described: TypeAlias = AnyFunction | ast.ClassDef | ast.Module
SMALL: Final = ("__init__", "__main__")
"""Modules that only gather or start others: no mirror is asked of them."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method where it stands, with what is counted of it."""

    path: Path
    line: int
    name: str
    lines: int
    """Without the docstring."""
    parameters: int
    """Without self and cls."""
    complexity: int
    """The cyclomatic one: one more than there are forks, those of functions inside apart."""
    annotated: bool
    comments: int
    """Lines of it that are a comment."""


@dataclass(frozen=True, slots=True)
class Module:
    """One file, parsed."""

    path: Path
    """Below the package."""
    text: str
    tree: ast.Module

    @property
    def dotted(self) -> str:
        """Return its name below the package, "" for the package's own `__init__`."""
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def mirror(self) -> Path:
        """Return where its own test belongs, below the folder of tests."""
        return self.path.parent / f"test_{self.path.name}"

    @property
    def is_bare(self) -> bool:
        """Tell whether it holds no more than its docstring."""
        return not [node for node in self.tree.body if not is_text(node)]


@dataclass(frozen=True, slots=True)
class Spread:
    """The median, the ninth decile and the greatest of some numbers."""

    median: float
    p90: float
    most: int

    @classmethod
    def of(cls, numbers: Sequence[int]) -> Spread:
        """Return that of some numbers, zeros of none."""
        if len(numbers) < 2:
            only = sum(numbers)
            return cls(only, only, only)
        return cls(median(numbers), quantiles(numbers, n=10, method="inclusive")[8], max(numbers))

    def __str__(self) -> str:
        """Write the three with a stroke between."""
        return "/".join(map(str, self._rounded()))

    def exceeds(self, other: Spread) -> bool:
        """Tell whether any of the three is greater, as they are written."""
        return any(mine > its for mine, its in zip(self._rounded(), other._rounded(), strict=True))

    def _rounded(self) -> tuple[int, int, int]:
        return round(self.median), round(self.p90), self.most


def modules_below(folder: Path) -> list[Module]:
    """Parse the Python files below a folder, in the order of their names."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text("utf-8")
        found.append(Module(path.relative_to(folder), text, ast.parse(text)))
    return found


def functions_of(modules: Iterable[Module]) -> Iterator[Function]:
    """Give every function of some modules, methods and functions inside others too."""
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, AnyFunction):
                yield _function(module, node)


def _function(module: Module, node: AnyFunction) -> Function:
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named += [one for one in (arguments.vararg, arguments.kwarg) if one]
    named = named[1:] if named and named[0].arg in ("self", "cls") else named
    lines = _length(node) - (_length(node.body[0]) if is_text(node.body[0]) else 0)
    annotated = node.returns is not None and all(one.annotation for one in named)
    forks = 1 + sum(map(_forks, ast.iter_child_nodes(node)))
    text = module.text.splitlines()[node.lineno - 1 : node.end_lineno]
    comments = sum(line.lstrip().startswith("#") for line in text)
    return Function(
        module.path, node.lineno, node.name, lines, len(named), forks, annotated, comments
    )


def _length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _forks(node: ast.AST) -> int:
    # What is defined inside is counted as a function of its own.
    if isinstance(node, AnyFunction | ast.ClassDef):
        return 0
    own = 0
    match node:
        case ast.If() | ast.IfExp() | ast.For() | ast.AsyncFor() | ast.While():
            own = 1
        case ast.ExceptHandler() | ast.match_case():
            own = 1
        case ast.BoolOp():
            own = len(node.values) - 1
        case ast.comprehension():
            own = 1 + len(node.ifs)
    return own + sum(map(_forks, ast.iter_child_nodes(node)))


def is_text(node: ast.AST) -> bool:
    """Tell whether a statement is nothing but a string, as docstrings are."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def is_described(node: Described) -> bool:
    """Tell whether a docstring stands on top."""
    return ast.get_docstring(node, clean=False) is not None


def public_things(node: ast.Module | ast.ClassDef) -> Iterator[AnyFunction | ast.ClassDef]:
    """Give the functions and classes that others may use: no name of them begins with `_`."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, AnyFunction | ast.ClassDef) and not inner.name.startswith("_"):
            yield inner
            # What stands inside a function is its own business.
            if isinstance(inner, ast.ClassDef):
                yield from public_things(inner)


def written_lines(modules: Iterable[Module]) -> int:
    """Count the lines that are not blank."""
    return sum(bool(line.strip()) for module in modules for line in module.text.splitlines())


def comment_lines(modules: Iterable[Module]) -> int:
    """Count the lines that hold a comment and nothing else."""
    return sum(
        token.type == tokenize.COMMENT and token.line.lstrip().startswith("#")
        for module in modules
        for token in tokenize.generate_tokens(io.StringIO(module.text).readline)
    )


def docstring_lines(modules: Iterable[Module]) -> int:
    """Count the lines of docstrings, of attributes too."""
    return sum(
        _length(node)
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.stmt) and is_text(node)
    )


def classes_of(modules: Iterable[Module]) -> dict[str, list[Path]]:
    """Return in which files there is a class of each name."""
    found: dict[str, list[Path]] = defaultdict(list)
    for module in modules:
        names = {node.name for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)}
        for name in sorted(names):
            found[name].append(module.path)
    return found


def protocols_named(name: str, modules: Iterable[Module]) -> list[Path]:
    """Return the files that have a Protocol of this name."""
    return [
        module.path
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and node.name == name
        if any("Protocol" in ast.unparse(base) for base in node.bases)
    ]


def files_in_folders(modules: Iterable[Module]) -> Counter[Path]:
    """Count the files of each folder, `__init__` too."""
    return Counter(module.path.parent for module in modules)


def imports_of(modules: Sequence[Module], package: str) -> dict[str, set[str]]:
    """Return which other modules of the package each imports, wherever in it that stands."""
    names = {module.dotted for module in modules}
    return {module.dotted: set(_imports(module, package, names)) for module in modules}


def _imports(module: Module, package: str, names: set[str]) -> Iterator[str]:
    for node in ast.walk(module.tree):
        asked: list[str] = []
        if isinstance(node, ast.Import):
            asked = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # A name of a package may be a module of it, or something that its `__init__` has.
            asked = [f"{node.module}.{one.name}" for one in node.names]
        for name in asked:
            if name != package and not name.startswith(f"{package}."):
                continue
            inner = name.removeprefix(package).removeprefix(".")
            found = inner if inner in names else inner.rpartition(".")[0]
            if found in names and found != module.dotted:
                yield found


def cycles(imports: dict[str, set[str]]) -> list[list[str]]:
    """Return the sets of modules in which each leads to each of the others (Tarjan, 1972)."""
    reached: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_ones: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        reached[name] = lowest[name] = len(reached)
        open_ones.append(name)
        for other in sorted(imports[name]):
            if other not in reached:
                visit(other)
            if other in open_ones:
                lowest[name] = min(lowest[name], lowest[other])
        if lowest[name] == reached[name]:
            start = open_ones.index(name)
            if len(open_ones) - start > 1:
                found.append(sorted(open_ones[start:]))
            del open_ones[start:]

    for name in imports:
        if name not in reached:
            visit(name)
    return found
