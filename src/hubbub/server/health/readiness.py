"""Whether newcomers are served, and why not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from hubbub.node.hub import Hub
from hubbub.node.monitoring.metrics import Measured
from hubbub.server.drain import Draining
from hubbub.server.files import READY

STARTING: Final = "starting"
DRAINING: Final = "draining"
JOURNAL_FULL: Final = "journal-full"
JOURNAL_FAILED: Final = "journal-failed"
NO_QUORUM: Final = "no-quorum"


class Readiness:
    """Say whether a node is ready, and in a word for programs why it is not.

    `is_open` is set once all its doors are; `stopping` is when it has begun to stop. `fault` says
    in a sentence what else is wrong, "" where nothing is.
    """

    def __init__(
        self, hub: Hub, journal: Measured, drain: Draining, stopping: asyncio.Event
    ) -> None:
        """Be starting."""
        self.is_open = False
        self.fault: Callable[[], str] = str
        self._hub = hub
        self._journal = journal
        self._drain = drain
        self._stopping = stopping

    def why_not(self) -> str:
        """Say in one word why newcomers had better go elsewhere, "" where they had not."""
        if self._hub.is_broken:
            return JOURNAL_FAILED
        if self._stopping.is_set() or self._drain.is_on:
            return DRAINING
        if not self.is_open:
            return STARTING
        if not self._hub.sessions.has_quorum:
            return NO_QUORUM
        return JOURNAL_FULL if self._journal.figures().is_full else ""

    def is_passing(self) -> bool:
        """Say whether it starts or drains: for that a service manager has a limit of its own."""
        return not self.is_open or self._drain.is_on

    def sentence(self) -> str:
        """Say in a line how the server does, for the service manager."""
        word = self.why_not()
        told = self._drain.status().get(word) or word
        fault = self.fault()
        return (f"not ready: {told}" if word else "ready") + (f"; {fault}" if fault else "")

    def fact(self) -> dict[str, str]:
        """Return the line of STATUS."""
        word = self.why_not()
        return {READY: f"no: {word}" if word else "yes"}
