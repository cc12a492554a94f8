"""The chat screen: what is shown of a session, and what comes of keys."""

from __future__ import annotations

import asyncio
from typing import Any

from hubbub.ui.frames import FRAME_SECONDS
from tests.ui.person import Person, with_person


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
