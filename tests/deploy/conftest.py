"""What takes long to make is made once for all tests, at the same time, and only what they need."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.deploy import debian
from tests.deploy.docker import Docker, build, daemon
from tests.deploy.programs import program
from tools import debian_package

Made = Mapping[str, Future[Any]]


def _packages(folder: Path) -> tuple[Path, Path]:
    program("dpkg-deb", "dpkg")
    first, second = (
        debian_package.make(debian.RELEASE, revision, folder) for revision in ("1", "2")
    )
    return first, second


@pytest.fixture(scope="session")
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Made]:
    """Begin to make all that the tests of this run ask for."""
    wanted = {name for item in request.session.items for name in item.fixturenames}  # type: ignore[attr-defined]
    folder = tmp_path_factory.mktemp("made")
    # Most of the time of each goes to waiting for packages.
    with ThreadPoolExecutor(4) as pool:
        archive = pool.submit(debian.base)
        begun: dict[str, Future[Any]] = {"archive": archive}
        if "packages" in wanted:
            begun["packages"] = pool.submit(_packages, folder)
        if "root" in wanted:
            begun["root"] = pool.submit(lambda: debian.bootable(archive.result(), folder))
        if "image" in wanted:
            docker = request.getfixturevalue("docker")
            begun["image"] = pool.submit(lambda: build(docker, archive.result()))
        yield begun
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Docker]:
    """Run Docker's daemon."""
    with daemon(tmp_path_factory.getbasetemp() / "docker") as running:
        yield running


@pytest.fixture(scope="session")
def image(docker: Docker, made: Made) -> str:
    """Build the image as the Dockerfile says; return its name."""
    name: str = made["image"].result()
    return name


@pytest.fixture(scope="session")
def root(made: Made) -> Path:
    """Make the root of a machine that boots; machine.booted() leaves it as it is."""
    folder: Path = made["root"].result()
    return folder


@pytest.fixture(scope="session")
def packages(made: Made) -> tuple[Path, Path]:
    """Make the Debian package, and a later one."""
    both: tuple[Path, Path] = made["packages"].result()
    return both
