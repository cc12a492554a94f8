"""The compiled twin as it gets to others: in a wheel, which is installed in a new environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from hubbub import CODE, twin

ROOT = Path(__file__).parents[2]
COMPILED = Path("src/hubbub") / twin.FOLDER

compiled = pytest.mark.skipif(not CODE.is_compiled, reason="make test-compiled")


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command; return what came of it."""
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def build(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Build a wheel of a clone with what is installed here, into its folder `dist`."""
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
    return run(*pip, "--wheel-dir", clone / "dist", clone, **environment)


@pytest.fixture
def built(clone: Path) -> Path:
    """Return a clone in which `make compiled` was run, with these sources."""
    shutil.copytree(ROOT / COMPILED, clone / COMPILED)
    return clone


def installed(wheel: Path, venv: Path) -> Path:
    """Install a wheel and nothing else in a new environment; return that environment's Python.

    What the package needs it has from the environment of the tests.
    """
    assert run(sys.executable, "-m", "venv", "--without-pip", venv).returncode == 0
    python = venv / "bin/python"
    done = run(
        *(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index"),
        wheel,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (packages,) = venv.glob("lib/python*/site-packages")
    needed = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "needed.pth").write_text("\n".join(needed))
    return python


@compiled
def test_a_wheel_runs_compiled_where_it_is_installed(built: Path, tmp_path: Path) -> None:
    done = build(built, HATCH_BUILD_HOOKS_ENABLE="1")
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (built / "dist").iterdir()
    assert wheel.name.split("-")[2] == f"cp{sys.version_info[0]}{sys.version_info[1]}"
    python = installed(wheel, tmp_path / "venv")
    said = run(python.with_name("hubbub"), "version").stdout
    assert ", compiled, " in said
    # As its own start does, without what has compiled it.
    code = (
        "import sys, hubbub.server.serve, hubbub.irc.message as m;"
        "print(m.__file__, 'mypyc' in sys.modules)"
    )
    file, has_compiler = run(python, "-c", code).stdout.split()
    assert Path(file).is_relative_to(tmp_path / "venv")
    assert file.endswith(".so")
    assert has_compiler == "False"
    assert ", pure Python, " in run(python.with_name("hubbub"), "version", PURE_PYTHON="1").stdout


@compiled
def test_a_checkout_runs_what_was_edited(built: Path) -> None:
    def bound() -> tuple[str, str]:
        code = (
            "import hubbub; from hubbub.irc.message import Message;"
            "print(hubbub.CODE, '|', Message('PING').encode())"
        )
        done = run(sys.executable, "-c", code, PYTHONPATH=str(built / "src"))
        assert done.returncode == 0, done.stderr
        kind, _, said = done.stdout.partition("|")
        return kind.strip(), said.strip()

    assert bound() == ("compiled", r"b'PING\r\n'")
    source = built / "src/hubbub/irc/message.py"
    source.write_text(source.read_text().replace(r"\r\n", r"!\r\n"))
    assert bound() == ("pure Python", r"b'PING!\r\n'")


def test_a_wheel_is_pure_unless_it_is_asked_for(clone: Path) -> None:
    (clone / COMPILED).mkdir()
    (clone / COMPILED / twin.MANIFEST).write_text("{}")
    done = build(clone)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (clone / "dist").iterdir()
    assert wheel.name.endswith("-py3-none-any.whl")
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if twin.FOLDER in name]


def test_who_asks_for_it_and_has_no_compiler_is_told(clone: Path) -> None:
    done = build(clone, HATCH_BUILD_HOOKS_ENABLE="1", CC="no-such-compiler")
    assert done.returncode != 0
    assert "missing: a C compiler (no-such-compiler); Debian: sudo apt" in done.stdout + done.stderr
