"""Three nats-servers that the tests of a folder share: each has its own stream's name, or asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hubbub.cluster.jetstream.connection import LogThread
from tests.cluster.servers import Trio, start_trio


@pytest.fixture(scope="session")
def trio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trio]:
    """Return three servers that find each other."""
    thread = LogThread()
    trio: Trio = thread.run(start_trio(tmp_path_factory.mktemp("trio"))).result(30)
    yield trio
    thread.run(trio.stop()).result(60)
    thread.stop()
