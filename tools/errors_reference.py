"""The page docs/reference/errors.md, from the exceptions of each room and where they are raised."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

SOURCES: Final = Path(__file__).parent.parent / "src" / "hubbub"
PAGE: Final = "errors.md"
_BUILTIN: Final = {"Exception", "ValueError", "OSError", "RuntimeError", "ConnectionError"}
_ROOMS: Final = {
    "settings": "Settings, and all that keeps a server from starting",
    "journal": "The journal",
    "transport": "Doors, certificates and keys",
    "core": "The rules",
    "irc": "The language",
    "client": "A person's side: client, ui, terminal, ssh",
    "cli": "The command line of an operator",
    "bench": "The benchmark",
    "wire": "`hubbub wire`",
}
"""The rooms that have errors, in the order of the page."""

_HEAD: Final = """\
# Errors

<!-- Written by `make docs` from the exceptions in src/hubbub; change their docstrings there. -->

What is raised where, and what becomes of it. Each room has one tree, drawn on top of the file in
which it stands; a room raises no other exceptions of its own to those above it, and turns those of
the rooms below into its own or into an answer. What a *client of the protocol* hears is no
exception: [why something failed](failures.md) has the codes and numerics.
"""


@dataclass
class Error:
    """Hold what is known of one exception: its room, file, bases, and who raises and catches it."""

    name: str
    module: str
    bases: list[str]
    doc: str
    raised: set[str] = field(default_factory=set)
    caught: set[str] = field(default_factory=set)

    @property
    def room(self) -> str:
        """Return the room that it belongs to."""
        return self.module.partition(".")[0]


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield each module of the package by its dotted name, without `hubbub`."""
    for path in sorted(SOURCES.rglob("*.py")):
        parts = path.relative_to(SOURCES).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def errors() -> dict[str, Error]:
    """Return the public exceptions of the package by name."""
    found: dict[str, Error] = {}
    classes = [
        Error(node.name, module, [ast.unparse(base) for base in node.bases], _doc(node))
        for module, tree in modules()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    ]
    size = -1
    while size < len(found):
        size = len(found)
        for each in classes:
            if any(base in _BUILTIN or base in found for base in each.bases):
                found.setdefault(each.name, each)
    public = {name: each for name, each in found.items() if not name.startswith("_")}
    for module, tree in modules():
        _look_for_uses(tree, module, public)
    return public


def _doc(node: ast.ClassDef) -> str:
    return ast.get_docstring(node) or ""


def _look_for_uses(tree: ast.Module, module: str, known: dict[str, Error]) -> None:
    """Note in which module an error is made, and in which it is caught or told from others."""
    for node in ast.walk(tree):
        for name in known.keys() & _caught(node):
            known[name].caught.add(module)
        for name in known.keys() & _made(node):
            known[name].raised.add(module)


def _caught(node: ast.AST) -> set[str]:
    """Return what an `except` names, or an `isinstance` where errors are handed on by a call."""
    if isinstance(node, ast.ExceptHandler) and node.type is not None:
        return _names(node.type)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance":
        return _names(node.args[1])
    return set()


def _made(node: ast.AST) -> set[str]:
    """Return what is raised or chosen: `raise A`, `A(...)`, `(A if passes else B)(...)`."""
    if isinstance(node, ast.Call):
        return _names(node.func)
    if isinstance(node, ast.Raise) and node.exc is not None:
        return _names(node.exc)
    if isinstance(node, ast.IfExp):
        return _names(node.body) | _names(node.orelse)
    return set()


def _names(node: ast.expr) -> set[str]:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return {ast.unparse(part).rpartition(".")[2] for part in parts}


def render() -> str:
    """Return the whole page, as Markdown."""
    known = errors()
    parts = [_HEAD]
    for room, title in _ROOMS.items():
        here = [each for each in known.values() if each.room == room]
        home = here[0].module
        drawn = tree(home)
        parts.append(f"\n## {title}\n\n" + (f"```\n{drawn}\n```\n\n" if drawn else ""))
        parts += [_described(each) for each in here]
    return "".join(parts)


def tree(home: str) -> str:
    """Return the tree that is drawn on top of a module, "" where there is none."""
    path = SOURCES.joinpath(*home.split(".")).with_suffix(".py")
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    drawn = re.search(r"(?m)^\w+[^\n]*\n(?: [+|][^\n]*\n?)+", doc)
    return drawn[0].rstrip() if drawn else ""


def _described(error: Error) -> str:
    summary, _, rest = error.doc.partition("\n\n")
    text = " ".join(f"{summary} {rest}".split())
    raised = _places(error.raised)
    where = f"Raised in {raised}. " if raised else ""
    caught = f"Caught in {_places(error.caught)}." if error.caught else ""
    line = f"\n  {where}{caught}".rstrip()
    return f"- **`{error.name}`**: {text}{line}\n"


def _places(modules: set[str]) -> str:
    return ", ".join(f"`{each}`" for each in sorted(modules))
