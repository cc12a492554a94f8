"""A command on a terminal (`ssh -t chat post '#ci'`): lines as a terminal sends and wants them.

The local terminal sends keys as they are pressed and shows bytes as they come, so ends of lines,
the echo and the two keys that end something are done here.
"""

from __future__ import annotations

from typing import Final

from hubbub.transport.ssh.channel import SSHChannel, SSHPeer
from hubbub.ui.exit_code import ExitCode

_END: Final = b"\x04"
_INTERRUPT: Final = b"\x03"


class Cooked:
    """Stand between a channel with a terminal and a command; for the command it is the channel."""

    def __init__(self, channel: SSHChannel) -> None:
        self._channel = channel
        self.command: SSHPeer | None = None

    # What the command asks

    @property
    def is_blocked(self) -> bool:
        """Say whether too much waits."""
        return self._channel.is_blocked

    def write(self, data: bytes, error: bool = False) -> bool:
        """Write with the ends of lines that a terminal needs: CR LF."""
        return self._channel.write(data.replace(b"\n", b"\r\n"), error)

    def pause_reading(self) -> None:
        """Take no more input."""
        self._channel.pause_reading()

    def resume_reading(self) -> None:
        """Take input again."""
        self._channel.resume_reading()

    def exit(self, code: int) -> None:
        """End with this code."""
        self._channel.exit(code)

    # What the channel tells

    def received(self, data: bytes) -> None:
        """Take keys: Enter ends a line, and only whole lines reach the command."""
        assert self.command is not None
        if _INTERRUPT in data:
            self._channel.exit(ExitCode.INTERRUPTED)
            return
        text, end, _ = data.partition(_END)
        text = text.replace(b"\r", b"\n")
        if text:
            self._channel.write(
                bytes(each for each in text.replace(b"\n", b"\r\n") if _shown(each))
            )
            self.command.received(text)
        if end:
            self.command.input_ended()

    def input_ended(self) -> None:
        """Pass the end of input on."""
        assert self.command is not None
        self.command.input_ended()

    def resized(self, columns: int, rows: int) -> None:
        """Ignore a size: lines are lines."""

    def writable(self) -> None:
        """Go on writing."""
        assert self.command is not None
        self.command.writable()

    def closed(self, error: str | None) -> None:
        """Pass the end on."""
        if self.command is not None:
            self.command.closed(error)


def _shown(byte: int) -> bool:
    return byte >= 0x20 or byte in b"\r\n\t"
