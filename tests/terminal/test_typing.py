"""Keys and sizes as fast as a line brings them: how much is done for them, counted, not timed."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Any

import pytest

from hubbub.client.commands.context import Console
from hubbub.client.preferences import Preferences
from hubbub.client.session import Session
from hubbub.client.state.state import Wishes
from hubbub.client.timeline.transcript import Transcript
from hubbub.client.timeline.view import View
from hubbub.transport.turns import SLICE_SECONDS, Share, Turns
from hubbub.ui.chat_screen import ChatScreen
from hubbub.ui.drawing.layout import Size
from hubbub.ui.drawing.row_cache import Painter
from hubbub.ui.editing.buffer import LONGEST
from hubbub.ui.editing.editor import Editor
from hubbub.ui.editing.history import History
from hubbub.ui.editing.keys import Press, Text
from hubbub.ui.frames import FRAME_SECONDS

KEYS = b"\x1b[A\x1b[D\x1b[1;5D\x1b[1;5C\x01\x05\x17\x19" * 500


class Counted(list[str]):
    """Count how often single graphemes are looked at."""

    looks = 0

    def __getitem__(self, place: Any) -> Any:
        type(self).looks += isinstance(place, int)
        return super().__getitem__(place)


@pytest.mark.parametrize("filling", ["a", "a ", "日", "e\u0301 "])
@pytest.mark.parametrize(
    "name",
    [
        *("up", "down", "left", "home", "end", "m-b", "m-f", "c-w", "m-backspace", "m-d"),
        *("c-k", "c-u", "c-y", "c-t", "backspace", "delete", "m-<", "m->"),
    ],
)
def test_no_key_goes_through_a_full_line_grapheme_by_grapheme(filling: str, name: str) -> None:
    editor = Editor()
    editor.press(Text(filling * (LONGEST // len(filling))))
    editor.press(Press("m-b"))
    Counted.looks = 0
    for _ in range(5):
        editor.buffer.graphemes = Counted(editor.buffer.graphemes)
        editor.press(Press(name))
    assert Counted.looks < 5 * 40


class Terminal:
    """Take what is drawn, and count it."""

    is_blocked = False

    def __init__(self) -> None:
        self.drawn: list[bytes] = []
        self.reading = True

    def write(self, data: bytes, error: bool = False) -> bool:
        self.drawn.append(data)
        return True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def exit(self, code: int) -> None:
        pass


class Conversation:
    """Have nothing to say."""

    def __init__(self) -> None:
        self.ends: list[str] = []

    def flush(self) -> None:
        pass

    def quit(self, reason: str) -> None:
        self.ends.append(reason)

    def abort(self) -> None:
        self.ends.append("")

    def unblock(self) -> None:
        pass

    def hang_up(self, reason: str | None) -> None:
        pass

    def suspend(self) -> str:
        return ""


class Person:
    """Sit at a screen, whose turns are counted by a clock that each look moves on."""

    def __init__(self, looks: int = 20) -> None:
        self._now = 0.0
        self._look = SLICE_SECONDS / looks
        session = Session(Wishes("ann", history=0), secrets.token_urlsafe, {})
        transcript = Transcript(UTC)
        view = View(transcript, session.state.features.fold, Preferences(), 10)
        console = Console(session, view, Preferences())
        self.terminal = Terminal()
        self.conversation = Conversation()
        self.screen = ChatScreen(
            self.terminal,
            console,
            Painter(),
            {"TERM": "xterm"},
            Size(80, 24),
            History(),
            Turns(clock=self._clock),
            Share(),
        )
        self.screen.joined = self.conversation
        self.screen.begin()
        self.terminal.drawn.clear()

    def _clock(self) -> float:
        self._now += self._look
        return self._now

    @property
    def text(self) -> str:
        """Return what stands in the prompt."""
        return self.screen._editor.text

    async def waits(self, until: Callable[[], bool]) -> int:
        """Wait for something; return the most keys that were pressed in one turn of the loop."""
        most, editor = 0, self.screen._editor
        while not until():
            before = editor.changes
            await asyncio.sleep(0)
            most = max(most, editor.changes - before)
        return most


def with_person(test: Callable[[Person], Awaitable[None]], looks: int = 20) -> None:
    async def run() -> None:
        person = Person(looks)
        async with asyncio.timeout(20):
            await test(person)
        person.screen.closed(None)

    asyncio.run(run())


def test_the_first_key_shows_at_once_and_more_within_a_frame_as_one_drawing() -> None:
    async def test(person: Person) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(FRAME_SECONDS)
        person.screen.received(b"a")
        assert len(person.terminal.drawn) == 1
        began = loop.time()
        for key in b"bcdefghij" * 30:
            person.screen.received(bytes((key,)))
        await person.waits(lambda: len(person.text) == 271)
        await person.waits(lambda: b"j" in b"".join(person.terminal.drawn[1:]))
        frames = (loop.time() - began) / FRAME_SECONDS
        assert len(person.terminal.drawn) <= 2 + frames

    with_person(test, looks=2000)


def test_a_chunk_of_keys_is_worked_off_in_slices_and_reading_waits() -> None:
    async def test(person: Person) -> None:
        person.screen.received(b"abcdefgh" * 1000)
        assert not person.terminal.reading
        assert len(person.text) < 8000
        most = await person.waits(lambda: len(person.text) == 8000)
        # What fits a slice, and what was decoded by then.
        assert most <= 25
        assert person.terminal.reading

    with_person(test)


def test_of_many_sizes_in_a_frame_the_last_is_taken_up() -> None:
    async def test(person: Person) -> None:
        await asyncio.sleep(FRAME_SECONDS)
        for columns in range(20, 1020):
            person.screen.resized(columns % 100 + 20, 30)
        person.screen.resized(33, 30)
        await person.waits(lambda: person.screen._size.columns == 33)
        # At once the first, and with the next frame the last: an erasure and a drawing each.
        assert len(person.terminal.drawn) <= 4

    with_person(test)


def test_what_keys_have_to_say_is_said_once_a_frame() -> None:
    async def test(person: Person) -> None:
        person.screen.received(b"\x03" * 400)
        person.screen.received(b"x")
        await person.waits(lambda: person.text == "x")
        await person.waits(lambda: b"leaves" in b"".join(person.terminal.drawn))
        assert b"".join(person.terminal.drawn).count(b"leaves") < 20

    with_person(test, looks=200)


def test_who_leaves_has_pressed_all_keys_before() -> None:
    async def test(person: Person) -> None:
        person.screen.received(b"abcdefgh" * 500)
        person.screen.input_ended()
        assert person.conversation.ends == []
        await person.waits(lambda: bool(person.conversation.ends))
        assert len(person.text) == 4000

    with_person(test)


def test_a_fault_ends_this_session_only() -> None:
    async def test(person: Person) -> None:
        told: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))

        def fail(key: object) -> None:
            raise ZeroDivisionError

        person.screen._editor.press = fail  # type: ignore[method-assign]
        person.screen.received(b"x")
        await person.waits(lambda: bool(person.conversation.ends))
        assert [type(each["exception"]) for each in told] == [ZeroDivisionError]

    with_person(test)
