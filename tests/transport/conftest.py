"""Run coroutine tests on both event loops, with a certificate that clients can verify."""

from __future__ import annotations

import asyncio
import gc
import inspect
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop

from .doors import make_pair

_LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if inspect.iscoroutinefunction(metafunc.function):
        metafunc.fixturenames.append("event_loop")
        metafunc.parametrize("event_loop", list(_LOOPS))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.function):
        return None
    wanted = inspect.signature(pyfuncitem.function).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in wanted}
    factory = _LOOPS[str(pyfuncitem.callspec.params["event_loop"])]
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(pyfuncitem.function(**arguments))
    # A socket that nobody closed is found out here, as a warning.
    gc.collect()
    return True


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give the files of a certificate for localhost and of its key."""
    return make_pair(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusting(pair: tuple[Path, Path]) -> ssl.SSLContext:
    """Give a client's context that trusts only that certificate."""
    return ssl.create_default_context(cafile=pair[0])
