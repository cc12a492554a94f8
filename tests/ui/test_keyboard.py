"""Keys as fast as a line brings them: in turns, in bounds, and none lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from hubbub.transport.turns import Share, Turns
from hubbub.ui.editing.key_decoder import Key, Paste, Press, Text
from hubbub.ui.keyboard import WAITING, Keyboard
from tests.ui.person import Person, with_person


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


def test_who_leaves_has_pressed_all_keys_before() -> None:
    async def test(person: Person) -> None:
        person.screen.received(b"abcdefgh" * 500)
        person.screen.input_ended()
        assert person.conversation.ends == []
        await person.waits(lambda: bool(person.conversation.ends))
        assert len(person.text) == 4000

    with_person(test)


class Typist:
    """Take keys, and write down what else there was."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.told: list[str] = []
        self.changed, self.has_room = asyncio.Event(), asyncio.Event()
        self.fails = False
        self.keyboard = Keyboard(self, Turns(), Share())

    def press(self, key: Key) -> None:
        if self.fails:
            raise ZeroDivisionError
        self.keys.append(key)
        self.changed.set()

    def crowded(self) -> None:
        self.told.append("crowded" if self.keyboard.is_crowded else "room")
        if not self.keyboard.is_crowded:
            self.has_room.set()

    def ended(self) -> None:
        self.told.append("ended")
        self.changed.set()

    def failed(self, error: Exception) -> None:
        self.told.append(type(error).__name__)


def with_typist(test: Callable[[Typist], Awaitable[None]]) -> None:
    async def run() -> None:
        typist = Typist()
        async with asyncio.timeout(20):
            await test(typist)
        typist.keyboard.close()

    asyncio.run(run())


def test_a_key_whose_end_does_not_come_is_what_it_is_by_then() -> None:
    async def test(typist: Typist) -> None:
        typist.keyboard.feed(b"\x1b")
        assert typist.keys == []
        await typist.changed.wait()
        assert typist.keys == [Press("escape")]

    with_typist(test)


def test_a_key_that_goes_on_is_one() -> None:
    async def test(typist: Typist) -> None:
        typist.keyboard.feed(b"\x1b")
        typist.keyboard.feed(b"[A")
        assert typist.keys == [Press("up")]
        typist.keyboard.feed(b"\x1b[200~a\rb\x1b[201~")
        assert typist.keys[1:] == [Paste("a\nb")]

    with_typist(test)


def test_too_much_at_once_is_told_and_so_is_that_there_is_room_again() -> None:
    async def test(typist: Typist) -> None:
        typist.keyboard.feed(b"\x01" * (3 * WAITING))
        assert typist.told[:1] == ["crowded"]
        await typist.has_room.wait()
        assert typist.told == ["crowded", "room"]

    with_typist(test)


def test_after_a_key_that_could_not_be_taken_nothing_more_is_pressed() -> None:
    async def test(typist: Typist) -> None:
        typist.fails = True
        typist.keyboard.feed(b"\x01\x05\x01")
        assert typist.told == ["ZeroDivisionError"]
        typist.fails = False
        await asyncio.sleep(0)
        assert typist.keys == []

    with_typist(test)


def test_the_end_is_told_behind_the_last_key() -> None:
    async def test(typist: Typist) -> None:
        typist.keyboard.feed(b"ab")
        typist.keyboard.end()
        assert (typist.keys, typist.told) == ([Text("ab")], ["ended"])

    with_typist(test)
