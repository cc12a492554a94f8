"""Run coroutine tests on an event loop of their own, as those of the node."""

from tests.node.conftest import pytest_pyfunc_call

__all__ = ["pytest_pyfunc_call"]
