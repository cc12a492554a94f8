"""Run the archive's tests that are coroutines."""

from tests.node.conftest import pytest_pyfunc_call

__all__ = ["pytest_pyfunc_call"]
