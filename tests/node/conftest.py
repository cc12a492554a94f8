"""Run coroutine tests on an event loop of their own."""

from __future__ import annotations

import asyncio
import inspect

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.function):
        return None
    wanted = inspect.signature(pyfuncitem.function).parameters
    faults: list[dict[str, object]] = []
    with asyncio.Runner() as runner:
        # What escapes a callback of the loop is a fault as much as what escapes the test.
        runner.get_loop().set_exception_handler(lambda _, context: faults.append(context))
        runner.run(pyfuncitem.function(**{name: pyfuncitem.funcargs[name] for name in wanted}))
    assert not faults, faults
    return True
