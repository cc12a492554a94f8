"""What takes long to make is made once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy import debian
from tests.deploy.docker import Docker, build, daemon


@pytest.fixture(scope="session")
def docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Docker]:
    """Run Docker's daemon."""
    with daemon(tmp_path_factory.getbasetemp() / "docker") as running:
        yield running


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a new Debian, as a tar archive."""
    return debian.base(tmp_path_factory.mktemp("debian"))


@pytest.fixture(scope="session")
def image(archive: Path, docker: Docker) -> str:
    """Build the image; return its name."""
    return build(docker, archive)


@pytest.fixture(scope="session")
def root(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the root of a machine that boots; machine.booted() leaves it as it is."""
    return debian.bootable(archive, tmp_path_factory.mktemp("root"))
