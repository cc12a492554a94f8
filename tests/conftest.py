"""How hard the property tests try, and which twin of the hot modules all tests run.

HYPOTHESIS_PROFILE=fuzz tries for longer than `make test` does. HUBBUB_TEST_COMPILED=1 makes sure
that it is the compiled one, PURE_PYTHON=1 that it is not.

After the last test of each file what it dropped is collected: a socket or a transport that was left
open is an error there, and not of whichever test the collector happens to meet it in.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from hubbub import CODE

# A machine that is busy with something else is no fault of what is tested.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("test", patient)
settings.register_profile("fuzz", patient, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))


def pytest_report_header() -> str:
    """Say which twin the tests run."""
    return f"hubbub: {CODE} {CODE.reason}".strip()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Pass over what has no effect on the compiled twin."""
    if CODE.is_compiled and item.get_closest_marker("pure"):
        pytest.skip("for the pure twin")


def pytest_collection_finish() -> None:
    """Let the collections to come pass over what all tests share: the program and its tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def nothing_left_open() -> Iterator[None]:
    """Have what the tests of a file have left open be found before the last of them is over."""
    yield
    gc.collect()


def pytest_configure() -> None:
    """Refuse to test the one twin in the place of the other."""
    if os.environ.get("HUBBUB_TEST_COMPILED") and not CODE.is_compiled:
        pytest.exit(f"not compiled: {CODE.reason or 'make compiled'}", returncode=1)
