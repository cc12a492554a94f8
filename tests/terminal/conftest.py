"""Servers for the client's tests, each started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import servers
from .servers import Running


def _running(kind: str, factory: pytest.TempPathFactory) -> Iterator[Running]:
    reason = servers.missing(kind)
    if reason:
        pytest.skip(reason)
    with servers.run(kind, factory.mktemp(kind)) as server:
        yield server


@pytest.fixture(scope="session")
def hubbub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run Hubbub."""
    yield from _running("hubbub", tmp_path_factory)


@pytest.fixture(scope="session")
def ngircd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run ngircd."""
    yield from _running("ngircd", tmp_path_factory)


@pytest.fixture(scope="session")
def inspircd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run InspIRCd with what it has of IRCv3."""
    yield from _running("inspircd", tmp_path_factory)


@pytest.fixture(params=servers.KINDS)
def server(request: pytest.FixtureRequest) -> Running:
    """Return each kind of server in turn."""
    running: Running = request.getfixturevalue(request.param)
    return running
