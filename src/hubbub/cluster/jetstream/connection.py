"""The connection to the servers of the log: a thread with a loop of its own, in which all of it is.

So a busy server's loop keeps nobody from hearing, and what is asked for goes out at once.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

import structlog
from nats.aio.client import Client

CONNECT_SECONDS: Final = 2
"""How long one server has to answer before the next one is tried."""
RECONNECT_SECONDS: Final = 0.1
PING_SECONDS: Final = 2
"""How often a server is asked whether it is there; after two without an answer it is not."""
PENDING_BYTES: Final = 4 << 20
"""How much may wait for a server that is away."""

END_SECONDS: Final = 0.2
END_TRIES: Final = 10
"""How long, and how often, a task is waited for that was told to end."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LogUser:
    """Say as whom to connect. It is shown to nobody."""

    user: str
    password: str

    def __repr__(self) -> str:
        """Show no secret, in whatever a log quotes."""
        return f"<login of {self.user}>"


@dataclass(frozen=True, slots=True)
class Access:
    """Say how the servers of the log are reached: the node's own first.

    `system` is a user of theirs that may ask each of them how it is set. A url may bring a login of
    its own. With `tls` nothing is said in clear.
    """

    servers: Sequence[str]
    user: LogUser
    system: LogUser
    tls: ssl.SSLContext | None = None


class LogThread:
    """Run coroutines of the log in a thread of its own, until `stop`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    def call(self, function: Callable[..., object], *arguments: object) -> None:
        """Have a function called there; once it is over, do nothing."""
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            # It is closed: nobody is left to be told.
            return

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Have a coroutine run there."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def stop(self) -> None:
        """End it, with all that runs in it."""
        self.run(_cancel_all()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


async def _cancel_all() -> None:
    await end(asyncio.all_tasks() - {asyncio.current_task()})


async def end(tasks: Iterable[asyncio.Task[Any] | None]) -> None:
    """Cancel tasks, and again those that missed it; leave those that take no notice.

    What waits with a limit loses a cancellation that comes with its answer (asyncio.wait_for before
    Python 3.12, by which the library of the log asks).
    """
    left = {task for task in tasks if task is not None}
    for _ in range(END_TRIES):
        if not left:
            return
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=END_SECONDS)


async def connect(access: Access, login: LogUser, name: str) -> Client:
    """Return a connection that comes back by itself; wait until there is a server."""
    said: list[str] = []

    async def say(error: Exception) -> None:
        words = str(error) or type(error).__name__
        if words not in said[-1:]:
            said[:] = [words]
            _log.warning("a server of the log does not answer", name=name, why=words)

    async def back() -> None:
        said.clear()
        _log.info("connected to the log again", name=name, server=_host(client))

    client = Client()
    await client.connect(
        list(access.servers),
        name=name,
        user=login.user,
        password=login.password,
        tls=access.tls,
        error_cb=say,
        reconnected_cb=back,
        dont_randomize=True,
        max_reconnect_attempts=-1,
        reconnect_time_wait=RECONNECT_SECONDS,  # type: ignore[arg-type]
        connect_timeout=CONNECT_SECONDS,
        ping_interval=PING_SECONDS,
        max_outstanding_pings=2,
        pending_size=PENDING_BYTES,
    )
    _log.info("connected to the log", name=name, server=_host(client))
    return client


def _host(client: Client) -> str:
    url = client.connected_url
    return "" if url is None else f"{url.hostname}:{url.port}"
