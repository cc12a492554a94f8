"""The Debian package: what is in it, for each release that it is made for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deploy.programs import ROOT, program
from tools import debian_package
from tools.locked_metadata import locked

pytestmark = pytest.mark.timeout(600)
OURS = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="module", params=debian_package.MADE_FOR)
def unpacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the package for a release; return the folder where it is unpacked."""
    folder = tmp_path_factory.mktemp(request.param)
    package = debian_package.make(request.param, "1", folder)
    subprocess.run(
        [program("dpkg-deb", "dpkg"), "--raw-extract", package, folder / "tree"], check=True
    )
    return folder / "tree"


def test_it_holds_what_is_locked_and_nothing_else(unpacked: Path) -> None:
    there: dict[str, str] = {
        canonicalize_name(name): version
        for info in (unpacked / debian_package.PACKAGES).glob("*.dist-info")
        for name, _, version in [info.name.removesuffix(".dist-info").partition("-")]
    }
    del there["hubbub"]
    locks = [(ROOT / "locks" / f"{name}.lock").read_text("utf-8") for name in ("run", "cluster")]
    named = [Requirement(line) for lock in locks for line in locked(lock)]
    wanted = [one for one in named if one.marker is None or one.marker.evaluate()]
    assert there == {canonicalize_name(one.name): str(one.specifier)[2:] for one in wanted}


def test_it_brings_the_log_s_engine_and_no_other_program(unpacked: Path) -> None:
    (program,) = (unpacked / debian_package.PACKAGES / "bin").iterdir()
    said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    assert said.stdout.startswith("nats-server")


def test_each_compiled_part_is_for_the_python_that_it_depends_on(unpacked: Path) -> None:
    control = (unpacked / "DEBIAN/control").read_text()
    (python,) = (
        version for _, version in debian_package.MADE_FOR.values() if f"(>= {version})" in control
    )
    tag = f"cpython-{python.replace('.', '')}-"
    # What has no such word fits every Python.
    compiled = list((unpacked / debian_package.PACKAGES).rglob("*.cpython-*.so"))
    assert compiled
    assert all(tag in part.name for part in compiled)


def test_nobody_but_root_may_change_what_is_run(unpacked: Path) -> None:
    program_files = [unpacked / "usr/bin/hubbub", *(unpacked / "usr/lib").rglob("*")]
    assert not [path for path in program_files if path.stat().st_mode & 0o022]
    for name, mode in debian_package.FOLDERS.items():
        assert (unpacked / name).stat().st_mode & 0o777 == mode


def test_it_runs_with_what_is_in_it(unpacked: Path) -> None:
    if f"(>= {OURS})" not in (unpacked / "DEBIAN/control").read_text():
        pytest.skip("for another Python; the machine of test_unit.py runs it")
    script = (unpacked / "usr/bin/hubbub").read_text()
    script = script.replace("/usr/lib/hubbub", str(unpacked / "usr/lib/hubbub"))
    done = subprocess.run(
        # Neither this project nor its environment: what is missing must be missed.
        [sys.executable, "-I", "-S", "-c", script, "--version"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("hubbub "), done.stderr
