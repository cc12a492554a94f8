"""What is reached is noted under the file of tests that reached it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.measure import ROOT

DOOR = '''"""A door."""


def opens(key: bool, light: bool) -> bool:
    if not key:
        return False
    if light:
        return True
    return key
'''
WELL = "from hubbub.core.door import opens\n\ndef test_it() -> None:\n    assert "
FILES = {
    "src/hubbub/__init__.py": "",
    "src/hubbub/core/__init__.py": "",
    "src/hubbub/core/door.py": DOOR,
    "tests/core/test_door.py": f"{WELL}opens(True, True)\n",
    "tests/core/test_night.py": f"{WELL}not opens(False, True)\n",
}


def measured(root: Path, files: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Write a small house, and return what is said of it."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    command = [sys.executable, "-m", "tools.measure_coverage", "--root", str(root), *arguments]
    environment = os.environ | {"PYTHONPATH": f"{root / 'src'}:{ROOT}"}
    ran = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=60
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_only_its_own_tests_count_for_a_module_and_all_of_a_room_for_its_branches(
    tmp_path: Path,
) -> None:
    code, said = measured(tmp_path, FILES)
    assert code == 1
    # The def itself is run by the import, which is nobody's.
    assert " 60%  core/door.py  6 9" in said
    assert "core/: 75.0% of 4 branches taken, at least 97%; not:" in said
    assert "1 of   4  core/door.py  7->9" in said


def test_a_room_whose_branches_are_taken_is_well(tmp_path: Path) -> None:
    late = {"tests/core/test_late.py": f"{WELL}opens(True, False)\n"}
    code, said = measured(tmp_path, FILES | late)
    assert (code, "core/: 100.0% of 4 branches" in said) == (0, True), said


def test_what_a_failing_test_reached_is_not_well(tmp_path: Path) -> None:
    late = {"tests/core/test_late.py": f"{WELL}not opens(True, False)\n"}
    code, said = measured(tmp_path, FILES | late)
    assert (code, "core/: 100.0% of 4 branches" in said) == (1, True), said


def test_a_part_may_be_measured_alone(tmp_path: Path) -> None:
    other = {
        "src/hubbub/irc/__init__.py": "",
        "src/hubbub/irc/text.py": "WIDE = True\n",
        "tests/irc/test_text.py": "from hubbub.irc import text\n\ndef test_it() -> None: ...\n",
    }
    code, said = measured(tmp_path, FILES | other, "irc")
    assert code == 0, said
    assert "100%  irc/text.py" in said
    assert "core" not in said


def test_tests_that_cannot_be_run_are_not_measured(tmp_path: Path) -> None:
    late = {"tests/core/test_late.py": "from hubbub.core.door import closes\n"}
    code, said = measured(tmp_path, FILES | late)
    assert code == 1
    assert "cannot import name 'closes'" in said
    assert "branches taken" not in said
