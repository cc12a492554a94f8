"""What a screen or a command stands between: whoever sits there, and a conversation."""

from __future__ import annotations

from typing import Protocol


class Output(Protocol):
    """What a session writes to: one through SSH, or the terminal that this process runs on."""

    @property
    def is_blocked(self) -> bool:
        """Say whether so much waits that nothing more should be drawn."""

    def write(self, data: bytes, error: bool = False) -> bool:
        """Write there, or to standard error; False when too much waits, and `writable` follows."""

    def pause_reading(self) -> None:
        """Call the screen's `received` no more until `resume_reading`: keys wait in the line."""

    def resume_reading(self) -> None:
        """Undo `pause_reading`."""

    def exit(self, code: int) -> None:
        """End the session on this terminal, with the code that its program ends with."""


class Conversing(Protocol):
    """What holds the conversation that is shown: inside the server, or on a connection to one."""

    def flush(self) -> None:
        """Say what the session has to say, and take up what else a command has changed."""

    def quit(self, reason: str) -> None:
        """Say goodbye; the screen's `over` follows."""

    def abort(self) -> None:
        """End without a word: the screen has failed, or nothing came of saying goodbye."""

    def unblock(self) -> None:
        """Show more: the terminal is ready again."""

    def hang_up(self, reason: str | None) -> None:
        """Leave without a word: the terminal is gone."""

    def suspend(self) -> str:
        """Leave the terminal to others for a while, or return how the person does that."""
