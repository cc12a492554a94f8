"""A World to talk to."""

from __future__ import annotations

import pytest

from tests.core.world_harness import Harness


@pytest.fixture
def harness() -> Harness:
    return Harness()
