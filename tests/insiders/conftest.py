"""Coroutine tests run as those of the node do, and others have the World of the core's."""

from tests.core.conftest import harness
from tests.node.conftest import pytest_pyfunc_call

__all__ = ["harness", "pytest_pyfunc_call"]
