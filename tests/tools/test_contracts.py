"""The contracts on imports cover what there is: each library has its home, each folder its room."""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = ROOT / "src" / "hubbub"
LINTER: Final = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS: Final[dict[str, dict[str, Any]]] = {each["id"]: each for each in LINTER["contracts"]}


def imported() -> set[str]:
    """Return the top names of all that the package imports and the language does not bring."""
    found = set()
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"hubbub", "_ssl"}


def test_each_library_has_a_home() -> None:
    assert imported() == set(CONTRACTS["libraries"]["forbidden_modules"])


def test_each_room_has_its_place() -> None:
    layers = " ".join(CONTRACTS["downwards"]["layers"])
    rooms = {path.stem for path in SOURCES.iterdir() if path.suffix in ("", ".py")}
    rooms -= {"__init__", "__pycache__", "_compiled"}
    assert rooms == {name.strip("()").partition(".")[2] for name in layers.split() if name != "|"}
