"""Installing as on a new machine, on a day on which everything has a newer release."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hubbub import __version__
from tools.locked_metadata import locked as requirements

ROOT = Path(__file__).parents[2]
NEWER = "99999"
DEBIAN = "/usr/bin/python3"
PYTHON = DEBIAN if any(Path("/usr/lib").glob("python3*/ensurepip")) else sys.executable
"""Debian's own, where its pip is there: that is older than what others have."""
VERSION = subprocess.run(
    [PYTHON, "-c", "import platform; print(platform.python_version())"],
    check=True,
    capture_output=True,
    text=True,
).stdout.strip()
ENVIRONMENT = {"python_version": VERSION.rpartition(".")[0], "python_full_version": VERSION}


def locked(lock: str) -> dict[str, str]:
    """Return the versions of a lock, by the names of packages, as far as they are for PYTHON."""
    found = [Requirement(line) for line in requirements((ROOT / "locks" / lock).read_text("utf-8"))]
    chosen = [one for one in found if one.marker is None or one.marker.evaluate(ENVIRONMENT)]
    return {canonicalize_name(one.name): str(one.specifier)[2:] for one in chosen}


def installed(venv: Path) -> dict[str, str]:
    """Return the versions of what an environment holds, but for pip itself."""
    command = [str(venv / "bin/python"), "-m", "pip", "list", "--format=json", "--exclude-editable"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = {canonicalize_name(one["name"]): one["version"] for one in json.loads(text)}
    return {name: v for name, v in found.items() if name not in ("pip", "setuptools", "wheel")}


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a later release of everything that is locked, in a place where pip finds it."""
    folder = tmp_path_factory.mktemp("newer")
    for name in {**locked("dev.lock"), **locked("keyring.lock")}:
        name = name.replace("-", "_")
        info = f"{name}-{NEWER}.dist-info"
        with zipfile.ZipFile(folder / f"{name}-{NEWER}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {NEWER}\n"
            )
            wheel.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr(f"{info}/RECORD", "")
    return folder


def run(command: list[str | Path], folder: Path, newer: Path) -> str:
    """Install where the later releases are offered too; return what the command says."""
    links = f"{os.environ.get('PIP_FIND_LINKS', '')} {newer}".strip()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PIP_FIND_LINKS": links},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_later_releases_would_be_taken(tmp_path: Path, newer: Path) -> None:
    run([PYTHON, "-m", "venv", tmp_path / "venv"], tmp_path, newer)
    run([tmp_path / "venv/bin/pip", "install", "--no-index", "apsw", "coverage"], tmp_path, newer)
    assert installed(tmp_path / "venv") == {"apsw": NEWER, "coverage": NEWER}


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("target", "locks"), [("run", ["run.lock", "build.lock"]), ("dev", ["dev.lock"])]
)
def test_make_installs_what_is_locked(
    clone: Path, newer: Path, target: str, locks: list[str]
) -> None:
    run(["make", f".venv/{target}", f"PYTHON={PYTHON}"], clone, newer)
    expected = {name: version for lock in locks for name, version in locked(lock).items()}
    assert installed(clone / ".venv") == expected
    assert run([clone / ".venv/bin/hubbub", "--version"], clone, newer).startswith("hubbub ")


# As it is where there is no compiler, whether or not there is one here.
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("what", "locks"), [(".", []), (".[keyring]", ["keyring.lock"])])
def test_pip_install_takes_what_is_locked(
    clone: Path, tmp_path: Path, newer: Path, what: str, locks: list[str]
) -> None:
    run([PYTHON, "-m", "venv", tmp_path / "venv"], tmp_path, newer)
    run([tmp_path / "venv/bin/pip", "install", what], clone, newer)
    found = installed(tmp_path / "venv")
    del found["hubbub"]
    assert found == {n: v for lock in ["run.lock", *locks] for n, v in locked(lock).items()}
    said = run([tmp_path / "venv/bin/hubbub", "--version"], clone, newer)
    assert said == f"hubbub {__version__}, pure Python, Python {VERSION}\n"


def test_what_builds_the_package_is_locked_too() -> None:
    named = re.findall(
        r'^  "([a-z-]+)==([^"]+)",$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    build = locked("build.lock")
    # What an editable install needs besides is in the lock only.
    assert dict(named) == {name: version for name, version in build.items() if name != "editables"}
