"""The figures of the house are what stands in its files, and its limits bite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.measure import FILES, House, figures, longest_private, main


def write(root: Path, files: dict[str, str]) -> House:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return House.at(root)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Return a small house in which all is well."""
    return write(
        tmp_path,
        {
            "src/hubbub/__init__.py": '"""A house."""\n',
            "src/hubbub/core/door.py": '"""A door."""\n\nclass Door:\n    """Open, or not."""\n',
            "tests/core/test_door.py": "def test_it_opens() -> None:\n    assert True\n",
        },
    )


def now(house: House) -> dict[str, str]:
    return {row.name: row.now for row in figures(house)}


def faults(house: House) -> list[str]:
    return [fault for row in figures(house) for fault in row.faults]


def test_a_house_in_order_has_no_faults(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert faults(house) == []
    assert main(["--root", str(house.root), "--check"]) == 0
    assert "class names that mean two things      0" in capsys.readouterr().out


def test_a_fault_is_told_and_fails_only_where_it_is_asked_for(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    write(house.root, {"src/hubbub/core/wall.py": '"""A wall."""\n'})
    assert main(["--root", str(house.root)]) == 0
    assert main(["--root", str(house.root), "--check"]) == 1
    assert "core/wall.py has no test of its own" in capsys.readouterr().err


def test_what_has_no_docstring_is_named(house: House) -> None:
    house = write(
        house.root, {"src/hubbub/core/door.py": "class Door:\n    def close(self): ...\n"}
    )
    assert faults(house) == [
        "core/door.py:1 Door has no docstring",
        "core/door.py:2 close has no docstring",
    ]
    assert now(house)["module docstrings"] == "50%"
    assert now(house)["annotated"] == "0%"


def test_what_only_its_own_function_sees_needs_no_docstring(house: House) -> None:
    text = (
        '"""A door."""\n\ndef open():\n    """Open."""\n    def turn(): ...\n\ndef _lock(): ...\n'
    )
    assert faults(write(house.root, {"src/hubbub/core/door.py": text})) == []


def test_modules_that_import_each_other_are_a_cycle(house: House) -> None:
    house = write(
        house.root,
        {
            "src/hubbub/core/door.py": '"""A."""\nfrom hubbub.core.frame import Frame\n',
            "src/hubbub/core/frame.py": '"""B."""\nimport hubbub.core.hinge\n',
            "src/hubbub/core/hinge.py": '"""C."""\ndef f():\n    """D."""\n'
            "    from hubbub.core import door\n",
            "src/hubbub/core/key.py": '"""E."""\nfrom hubbub.core import door, hinge\n',
            "tests/without_mirror.txt": "core/frame.py  a\ncore/hinge.py  b\ncore/key.py  c\n",
        },
    )
    assert faults(house) == ["core.door and core.frame and core.hinge"]


def test_who_has_no_mirror_needs_a_reason_and_who_has_one_needs_none(house: House) -> None:
    house = write(
        house.root,
        {
            "src/hubbub/core/frame.py": '"""A frame."""\n',
            "src/hubbub/core/hinge.py": '"""A hinge."""\n',
            "src/hubbub/core/__main__.py": '"""A start."""\n',
            "tests/without_mirror.txt": "# PATH REASON\ncore/door.py  old\ncore/frame.py  values\n",
        },
    )
    assert faults(house) == [
        "core/hinge.py has no test of its own",
        "core/door.py needs no excuse any more",
    ]


def test_too_many_files_owners_and_double_names_are_told(house: House) -> None:
    many = {f"src/hubbub/ui/part_{n}.py": f'"""{n}."""\n' for n in range(FILES + 1)}
    owner = '"""A."""\nclass Owner(Protocol):\n    """B."""\n' + "".join(
        f'class C{n}:\n    """C."""\n' for n in range(5)
    )
    houses = {f"src/hubbub/{name}/box.py": owner for name in ("a", "b")}
    excuses = "".join(f"ui/part_{n}.py  x\n" for n in range(FILES + 1)) + "a/box.py x\nb/box.py x\n"
    house = write(house.root, many | houses | {"tests/without_mirror.txt": excuses})
    assert faults(house) == [
        "ui has 17 files",
        "2 Protocols called Owner, 1 at most",
        "6 class names that mean two things, 5 at most",
    ]


def test_functions_are_counted_without_their_docstrings_and_what_is_inside_them(
    house: House,
) -> None:
    text = '''"""A door."""

class _Door:
    def _open(self, key: str, *more: int) -> None:
        """Open it.

        Slowly.
        """
        if key and more or self:
            for one in more:  # why
                pass
        # why not
        def inner() -> list[int]:
            return [n for n in more if n]
'''
    house = write(house.root, {"src/hubbub/core/door.py": text})
    found = now(house)
    assert longest_private(house, 2) == ["  7  1  core/door.py:4 _open"]
    # Three of _open and one of what each function is; the forks of inner are its own.
    assert found["cyclomatic complexity (> 10)"] == "4/5/5 (0)"
    assert found["parameters"] == "1/2/2"
    assert found["comment lines"] == f"{1 / 13:.1%}"
    assert found["docstring lines"] == f"{6 / 13:.1%}"
