"""The unit of systemd, in a machine that has booted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.machine import Machine, booted


@pytest.fixture(scope="module")
def machine(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Boot a machine."""
    with booted(root, tmp_path_factory.mktemp("machine")) as running:
        yield running


def test_it_boots(machine: Machine) -> None:
    assert machine("systemctl", "is-system-running") == "running"
    assert machine("cat", "/proc/1/comm") == "systemd"
