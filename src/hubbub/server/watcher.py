"""Looking once a second at what others may do to a running server: its clock, its files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from hubbub.histogram import Histogram
from hubbub.journal.steady_clock import SteadyClock
from hubbub.node.monitoring.troubles import Troubles
from hubbub.server.data_directory import DataDirectory

LOOK_SECONDS: Final = 1.0

_log = structlog.get_logger(__name__)


class Watcher:
    """Keep the server's time near the machine's, mend its files, and tell what is wrong.

    `control` opens the control socket anew where it is gone, and says whether it was; `lost` is
    called with the reason where the data directory is no longer this server's; `collect` looks
    after the collector of cycles. `late` says by how
    many seconds the looks came late: for so long everybody waited.
    """

    def __init__(
        self,
        clock: SteadyClock,
        directory: DataDirectory,
        troubles: Troubles,
        control: Callable[[], bool],
        lost: Callable[[str], None],
        collect: Callable[[], None],
    ) -> None:
        """Be ready; `start` begins to look."""
        self._clock = clock
        self._directory = directory
        self._troubles = troubles
        self._control = control
        self._lost = lost
        self._collect = collect
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self.late = Histogram()
        troubles.ask(self._of_the_clock)

    def start(self) -> None:
        """Look now, and from now on."""
        # Asked for first: a fault in one look is not to be the last of all looks.
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._due:
            self.late.observe(max(0.0, now - self._due))
        self._due = now + LOOK_SECONDS
        self._timer = loop.call_later(LOOK_SECONDS, self.start)
        self._clock.look()
        self._troubles.look()
        self._collect()
        if self._control():
            _log.warning("the control socket was removed; opened anew")
        try:
            if self._directory.hold():
                _log.warning("the lock file was removed; made anew")
        except BlockingIOError:
            self._lost(
                f"the lock of data_dir {self._directory.path} was removed, and another server has "
                "the directory now; stop one of the two"
            )
        except OSError as error:
            _log.error("the data directory cannot be locked", error=error.strerror or str(error))

    def stop(self) -> None:
        """Cancel the look that is due, and with it all that would follow."""
        if self._timer is not None:
            self._timer.cancel()

    def _of_the_clock(self) -> dict[str, str]:
        trouble = self._clock.trouble
        return {"clock": trouble} if trouble else {}
