"""Asking until there is an answer: servers may be away, or have no leader, for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
from nats.errors import Error

from hubbub.cluster.errors import StreamError

AGAIN_SECONDS: Final = 0.2
SAY_SECONDS: Final = 10.0
"""How often it is said what is waited for."""

_log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")


async def insist(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Return the answer to a question, which is asked until there is one."""
    said = time.monotonic()
    while True:
        try:
            return await ask()
        except (StreamError, Error, TimeoutError, OSError) as error:
            now = time.monotonic()
            if now - said > SAY_SECONDS:
                said = now
                why = str(error) or type(error).__name__
                _log.warning("waiting for the servers of the log", why=why)
            await asyncio.sleep(AGAIN_SECONDS)
