"""Coroutine tests run as those of the node do."""

from tests.node.conftest import pytest_pyfunc_call

__all__ = ["pytest_pyfunc_call"]
