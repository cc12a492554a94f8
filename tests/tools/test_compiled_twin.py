"""What goes into the compiled twin, what that is made from, and what keeps it from being made."""

from __future__ import annotations

import ast
import re
import sys
import sysconfig
from pathlib import Path

import pytest

from hubbub.core.records.entries import Entry
from hubbub.journal.sequencer import OrderState
from hubbub.twin import FOLDER
from tools.compiled_twin import (
    LIST,
    PACKAGE,
    CannotCompile,
    check_compiler,
    modules_of,
    path_of,
    sources_of,
    written_in_c,
)

MODULES = modules_of(LIST.read_text("utf-8"))


def test_a_list_names_modules_a_line_each() -> None:
    assert modules_of("# Why\n\nirc/names\n  node/hub\n") == ["hubbub.irc.names", "hubbub.node.hub"]


@pytest.mark.parametrize("module", MODULES)
def test_what_is_listed_is_a_module(module: str) -> None:
    path = path_of(PACKAGE, module)
    assert path.is_file()
    # Of a package that is compiled itself mypyc would look for all modules among its libraries.
    assert path.name != "__init__.py"


@pytest.mark.parametrize("module", MODULES)
def test_a_name_for_what_was_raised_has_one_type(module: str) -> None:
    """Machine code takes a second `except ... as error` for the type of the first."""
    tree = ast.parse(path_of(PACKAGE, module).read_bytes())
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            kinds: dict[str, set[str]] = {}
            for node in ast.walk(function):
                if isinstance(node, ast.ExceptHandler) and node.name and node.type:
                    kinds.setdefault(node.name, set()).add(ast.unparse(node.type))
            assert all(len(found) == 1 for found in kinds.values()), (function.name, kinds)


@pytest.mark.parametrize("module", MODULES)
def test_a_class_has_the_methods_that_it_defines(module: str) -> None:
    """Machine code calls none that were made by a call: `pop = forgetting(dict.pop)`."""
    tree = ast.parse(path_of(PACKAGE, module).read_bytes())
    made = [
        ast.unparse(node)
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call)
    ]
    assert [one for one in made if not re.search(r"= (field|frozenset)\(", one)] == []


@pytest.mark.parametrize("decoded", [Entry, OrderState])
def test_what_is_read_by_its_annotations_is_not_compiled(decoded: type) -> None:
    """Of a class in machine code they cannot be read, so that anything would do for a field."""
    assert decoded.__module__ not in MODULES


def test_it_is_made_from_all_that_is_imported(tmp_path: Path) -> None:
    package = tmp_path / "package"
    for name, text in {
        "hot": "from package.rules import speaking\nimport os\n",
        "rules/__init__": "from package.rules.kinds import KIND\n",
        "rules/speaking": "import package.lengths\n",
        "rules/kinds": "KIND = 1\n",
        "lengths": "def later():\n    from package import late\n",
        "late": "",
        "cold": "from package import hot\n",
    }.items():
        path = package / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = sources_of(package, ["package.hot"])
    names = ["hot", "late", "lengths", "rules/__init__", "rules/kinds", "rules/speaking"]
    assert found == [f"{name}.py" for name in names]


def test_a_module_may_have_a_twin_that_is_written_in_c(tmp_path: Path) -> None:
    for name in ("hot.py", "hot.c", "cold.py", "cold.c"):
        (tmp_path / name).touch()
    assert sources_of(tmp_path, [f"{tmp_path.name}.hot"]) == ["hot.c", "hot.py"]


def test_what_is_written_in_c_is_listed() -> None:
    """What is not listed would never be built, and nobody would miss it."""
    written = {path for module in MODULES if (path := written_in_c(PACKAGE, module))}
    assert written == set(PACKAGE.rglob("*.c")) - set((PACKAGE / FOLDER).rglob("*.c"))


def test_constants_of_modules_that_are_not_compiled_are_in_it() -> None:
    sources = sources_of(PACKAGE, MODULES)
    assert {"node/limits/bounds.py", "core/policy/lengths.py", "core/apply/__init__.py"} <= {
        *sources
    }
    assert not [source for source in sources if source.startswith(("client/", "ui/", "cli/"))]


def test_without_a_compiler_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(CannotCompile) as caught:
        check_compiler()
    said = str(caught.value)
    assert said.startswith("missing: a C compiler (no-such-compiler); Debian: sudo apt install gcc")
    assert said.endswith("Without them Hubbub runs in pure Python.")


def test_without_the_headers_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CC", sys.executable)
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    with pytest.raises(CannotCompile, match=f"^missing: {tmp_path}/Python.h; Debian: "):
        check_compiler()
