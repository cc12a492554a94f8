"""A command on a terminal: lines as a terminal sends and wants them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.ssh.line_discipline import Cooked
from hubbub.ui.exit_code import ExitCode


class Channel:
    """Keep what is written on the terminal, and what else is asked."""

    is_blocked = False

    def __init__(self) -> None:
        self.shown = b""
        self.asked: list[object] = []

    def write(self, data: bytes, error: bool = False) -> bool:
        self.shown += data
        return True

    def pause_reading(self) -> None:
        self.asked.append("pause")

    def resume_reading(self) -> None:
        self.asked.append("resume")

    def exit(self, code: int) -> None:
        self.asked.append(code)


class Command:
    """Keep what comes in."""

    def __init__(self) -> None:
        self.input = b""
        self.told: list[object] = []

    def received(self, data: bytes) -> None:
        self.input += data

    def input_ended(self) -> None:
        self.told.append("ended")

    def resized(self, columns: int, rows: int) -> None:
        self.told.append("resized")

    def writable(self) -> None:
        self.told.append("writable")

    def closed(self, error: str | None) -> None:
        self.told.append(error)


class Line:
    """A command behind the discipline of a terminal's lines."""

    def __init__(self) -> None:
        self.channel, self.command = Channel(), Command()
        self.cooked = Cooked(self.channel)  # type: ignore[arg-type]
        self.cooked.command = self.command


@pytest.fixture
def line() -> Line:
    return Line()


def test_a_line_ends_with_enter_and_is_shown_as_it_is_typed(line: Line) -> None:
    for key in (b"h", b"i", b"\r"):
        line.cooked.received(key)
    assert (line.command.input, line.channel.shown) == (b"hi\n", b"hi\r\n")


def test_what_a_command_writes_begins_each_line_at_the_left(line: Line) -> None:
    assert line.cooked.write(b"one\ntwo\n")
    assert line.channel.shown == b"one\r\ntwo\r\n"


def test_control_d_ends_the_input_behind_what_was_typed(line: Line) -> None:
    line.cooked.received(b"hi\x04more")
    assert (line.command.input, line.command.told) == (b"hi", ["ended"])
    line.cooked.input_ended()
    assert line.command.told == ["ended", "ended"]


def test_control_c_ends_the_command(line: Line) -> None:
    line.cooked.received(b"hi\x03")
    assert (line.channel.asked, line.command.input) == ([ExitCode.INTERRUPTED], b"")


def test_the_rest_is_passed_on_both_ways(line: Line) -> None:
    line.cooked.pause_reading()
    line.cooked.resume_reading()
    line.cooked.exit(6)
    assert line.channel.asked == ["pause", "resume", 6]
    line.cooked.writable()
    line.cooked.resized(10, 10)
    line.cooked.closed("Connection lost")
    assert line.command.told == ["writable", "Connection lost"]
    assert not line.cooked.is_blocked


def test_an_end_before_there_is_a_command_is_nobodys() -> None:
    Cooked(Channel()).closed(None)  # type: ignore[arg-type]


@given(st.lists(st.binary(max_size=10)))
def test_no_key_is_shown_that_would_control_the_terminal(keys: list[bytes]) -> None:
    line = Line()
    for key in keys:
        line.cooked.received(key)
    assert not {byte for byte in line.channel.shown if byte < 0x20} - set(b"\r\n\t")
    assert line.channel.shown.count(b"\n") == line.channel.shown.count(b"\r\n")
