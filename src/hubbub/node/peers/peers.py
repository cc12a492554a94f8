"""All that this node tells the others beside the order of all, and takes from them."""

from __future__ import annotations

from typing import Final

import structlog

from hubbub.core.showing import isupport
from hubbub.node.auth.login_delays import LoginDelays
from hubbub.node.peers.census import Census
from hubbub.node.peers.guesses import SharedDelays
from hubbub.node.peers.payloads import packed, unpacked
from hubbub.node.peers.signals import NoSignals, Signals
from hubbub.node.peers.typing import Typing
from hubbub.node.peers.vitals import Pulse
from hubbub.node.peers.watch import OrderWatch
from hubbub.node.process import Process
from hubbub.node.sessions import Sessions

REREAD: Final = "reread"
FAILED: Final = "failed-login"

_log = structlog.get_logger(__name__)


class Peers:
    """Hold the parts, each with its kind of signal."""

    def __init__(
        self, sessions: Sessions, signals: Signals, process: Process, watch: OrderWatch
    ) -> None:
        """Take what comes from now on; `start` begins to tell by itself."""
        self._sessions = sessions
        self._signals = signals
        self._process = process
        self.typing = Typing(sessions, signals)
        self.census = Census(sessions, signals)
        self.pulse = Pulse(sessions, signals, watch, isupport.VERSION)
        if not isinstance(signals, NoSignals):
            sessions.secret_checks.delays = SharedDelays(LoginDelays(), signals)
        signals.take(REREAD, self._reread)
        signals.take(FAILED, self._failed)

    def start(self) -> None:
        """Tell the others how this node does, from now on."""
        self.pulse.start()

    def stop(self) -> None:
        """Tell nothing more by itself."""
        self.pulse.stop()

    def have_reread(self, by: str) -> None:
        """Have the other nodes read their settings again, for who asked for it here."""
        self._signals.send(REREAD, packed(by))

    def _reread(self, node: int, payload: bytes) -> None:
        values = unpacked(payload, (str,))
        if values is not None:
            _log.info("settings are to be reread", by=values[0], node=node)
            self._process.reload()

    def login_failed(self, account: str, door: str) -> None:
        """Have the other nodes count a failed login to an account, for its owner to be told."""
        if account:
            self._signals.send(FAILED, packed(account, door))

    def _failed(self, node: int, payload: bytes) -> None:
        values = unpacked(payload, (str, str))
        if values is not None and self._sessions.world.account(str(values[0])) is not None:
            account, door = str(values[0]), str(values[1])
            self._sessions.failed_logins.failed_elsewhere(account, door, self._sessions.seconds())
