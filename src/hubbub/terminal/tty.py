"""The terminal that this process runs on, as the chat screen wants it: bytes in and out, a size.

It is in raw mode for as long as it is taken, so that nothing that is typed is ever shown by
anything but the screen: not while messages come, not before a password is asked for.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, Protocol

BOUND: Final = 64 * 1024
"""Bytes that wait for the terminal, past which the screen keeps what it has to show."""
LAST_SECONDS: Final = 1.0
"""How long the terminal has to take the last of them, when it is left."""
_READ: Final = 4096


class TerminalPeer(Protocol):
    """What is shown on the terminal; called on the loop's thread."""

    def received(self, data: bytes) -> None:
        """Take bytes of keys, of which some may be parts of a key."""

    def input_ended(self) -> None:
        """Learn that no key will come any more."""

    def resized(self, columns: int, rows: int) -> None:
        """Learn the terminal's new size: what stands on it may have been broken anew."""

    def writable(self) -> None:
        """Learn that what `write` counted as too much has gone."""

    def closed(self, error: str | None) -> None:
        """Learn, once, that the terminal is gone and takes nothing more; why, or None."""

    def suspending(self) -> None:
        """Learn that the terminal is left to others for a while."""

    def resumed(self, columns: int, rows: int) -> None:
        """Learn that it is ours again; anything may stand on it."""


class Tty:
    """Hold the terminal on standard input and output."""

    def __init__(self) -> None:
        """Find the terminal; it is as it was until it is taken over."""
        self._input, self._output = sys.stdin.fileno(), sys.stdout.fileno()
        self._modes: list[Any] = []
        self._raw: list[Any] = []
        self._waiting = bytearray()
        self._blocked = self._writing = self._gone = False
        self._peer: TerminalPeer

    @property
    def size(self) -> tuple[int, int]:
        """Return columns and rows, 0 where they are not known."""
        try:
            columns, rows = os.get_terminal_size(self._output)
        except OSError:
            return 0, 0
        return columns, rows

    @contextmanager
    def taken(self, peer: TerminalPeer) -> Iterator[None]:
        """Serve a peer until the block ends, however it does; then leave the terminal as it was.

        What was typed and not read by then was meant for the chat, and is dropped rather than left
        to a shell. Raise OSError where the terminal cannot be had.
        """
        self._peer = peer
        try:
            self._modes = termios.tcgetattr(self._input)
        except termios.error as error:
            raise OSError(*error.args) from None
        shared, self._output = self._output, _own_descriptor(self._output)
        loop = asyncio.get_running_loop()
        loop.add_reader(self._input, self._readable)
        for number, change in self._signals:
            loop.add_signal_handler(number, change)
        self._set_raw()
        try:
            yield
        finally:
            self._stop_writing()
            self._drain(LAST_SECONDS)
            for number, _ in self._signals:
                loop.remove_signal_handler(number)
            loop.remove_reader(self._input)
            with suppress(termios.error):
                termios.tcflush(self._input, termios.TCIFLUSH)
            self._restore()
            os.close(self._output)
            self._output = shared

    # What the screen asks

    @property
    def is_blocked(self) -> bool:
        """Say whether too much waits."""
        return self._blocked

    def write(self, data: bytes, error: bool = False) -> bool:
        """Write, as soon as the terminal takes it; False when too much waits."""
        if not self._gone:
            self._waiting += data
            self._send()
            self._blocked = self._blocked or len(self._waiting) > BOUND
        return not self._blocked

    def pause_reading(self) -> None:
        """Leave keys in the terminal's own queue, until `resume_reading`."""
        asyncio.get_running_loop().remove_reader(self._input)

    def resume_reading(self) -> None:
        """Undo `pause_reading`; what was typed meanwhile comes next."""
        if not self._gone:
            asyncio.get_running_loop().add_reader(self._input, self._readable)

    def exit(self, code: int) -> None:
        """Do nothing: whoever took the terminal ends."""

    def suspend(self) -> None:
        """Stop this job, as Ctrl-Z does; return when it goes on."""
        loop = asyncio.get_running_loop()
        self._peer.suspending()
        self._drain(LAST_SECONDS)
        self._restore()
        loop.remove_signal_handler(signal.SIGTSTP)
        # The whole job, as the terminal would: a script that runs us is to stop as well.
        os.kill(0, signal.SIGTSTP)
        loop.add_signal_handler(signal.SIGTSTP, self.suspend)
        self._continued()

    # What the system tells

    @property
    def _signals(self) -> tuple[tuple[signal.Signals, Callable[[], None]], ...]:
        return (
            (signal.SIGWINCH, self._resized),
            (signal.SIGTSTP, self.suspend),
            (signal.SIGCONT, self._continued),
        )

    def _readable(self) -> None:
        try:
            data = os.read(self._input, _READ)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lost(error)
            return
        if data:
            self._peer.received(data)
        else:
            self.pause_reading()
            self._peer.input_ended()

    def _resized(self) -> None:
        self._peer.resized(*self.size)

    def _continued(self) -> None:
        """Take up the terminal again after others had it, also where nobody said so before.

        A shell that had it left other modes. Where they are ours, nobody had it: this was told of
        already (`fg` after `kill -CONT`, or after Ctrl-Z), and what we drew still stands.
        """
        if self._current_modes() == self._raw:
            return
        self._set_raw()
        self._peer.resumed(*self.size)

    def _lost(self, error: OSError) -> None:
        """Write nothing more: the terminal is gone."""
        if not self._gone:
            self._gone = True
            self._waiting.clear()
            self._stop_writing()
            self.pause_reading()
            # Not from within a write of the peer.
            reason = error.strerror or str(error)
            asyncio.get_running_loop().call_soon(self._peer.closed, reason)

    # Output

    def _send(self) -> None:
        """Write what the terminal takes, and the rest when it takes more."""
        try:
            while self._waiting:
                del self._waiting[: os.write(self._output, self._waiting)]
        except (BlockingIOError, InterruptedError):
            if not self._writing:
                self._writing = True
                asyncio.get_running_loop().add_writer(self._output, self._send_more)
        except OSError as error:
            self._lost(error)
        else:
            self._stop_writing()

    def _send_more(self) -> None:
        self._send()
        if self._blocked and len(self._waiting) <= BOUND // 2:
            self._blocked = False
            self._peer.writable()

    def _stop_writing(self) -> None:
        if self._writing:
            self._writing = False
            asyncio.get_running_loop().remove_writer(self._output)

    def _drain(self, seconds: float) -> None:
        """Wait until the terminal has taken everything, but not for longer than so many seconds."""
        end = time.monotonic() + seconds
        while self._waiting and not self._gone and (left := end - time.monotonic()) > 0:
            if select.select([], [self._output], [], left)[1]:
                self._send()

    # Modes

    def _set_raw(self) -> None:
        """Have every key at once, as it is, and nothing shown (termios(3), cfmakeraw).

        Output stays as it was: whatever else writes to this terminal shall look as ever.
        """
        modes = [*self._modes[:6], list(self._modes[6])]
        modes[0] &= ~(
            termios.BRKINT | termios.ICRNL | termios.INLCR | termios.IGNCR
            | termios.INPCK | termios.ISTRIP | termios.IXON
        )  # fmt: skip
        modes[2] = modes[2] & ~(termios.CSIZE | termios.PARENB) | termios.CS8
        modes[3] &= ~(
            termios.ECHO | termios.ECHONL | termios.ICANON | termios.IEXTEN | termios.ISIG
        )
        modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
        with suppress(termios.error):
            termios.tcsetattr(self._input, termios.TCSANOW, modes)
        self._raw = self._current_modes()

    def _current_modes(self) -> list[Any]:
        try:
            return termios.tcgetattr(self._input)
        except termios.error:
            return []

    def _restore(self) -> None:
        with suppress(termios.error):
            termios.tcsetattr(self._input, termios.TCSANOW, self._modes)


def _own_descriptor(shared: int) -> int:
    """Return a descriptor of the same terminal that never blocks.

    Others hold the one that we got, the shell too: not to block would be set for all of them. Where
    the terminal cannot be opened anew (after `su`), writing blocks when it takes nothing.
    """
    try:
        flags = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
        return os.open(os.ttyname(shared), flags)
    except OSError:
        return os.dup(shared)
