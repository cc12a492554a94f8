"""What takes long to make is made once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy import debian
from tests.deploy.docker import Docker, build, daemon
from tests.deploy.programs import program
from tools import debian_package


@pytest.fixture(scope="session")
def docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Docker]:
    """Run Docker's daemon."""
    with daemon(tmp_path_factory.getbasetemp() / "docker") as running:
        yield running


@pytest.fixture(scope="session")
def archive() -> Path:
    """Make a new Debian, as a tar archive."""
    return debian.base()


@pytest.fixture(scope="session")
def image(archive: Path, docker: Docker) -> str:
    """Build the image; return its name."""
    return build(docker, archive)


@pytest.fixture(scope="session")
def root(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the root of a machine that boots; machine.booted() leaves it as it is."""
    return debian.bootable(archive, tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make the Debian package, and a later one."""
    program("dpkg-deb", "dpkg")
    folder = tmp_path_factory.mktemp("packages")
    first, second = (
        debian_package.make(debian.RELEASE, revision, folder) for revision in ("1", "2")
    )
    return first, second
