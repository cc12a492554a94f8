"""When a screen is drawn: at once, and then so often a second."""

from __future__ import annotations

import asyncio

from hubbub.ui.frames import FRAME_SECONDS
from tests.ui.person import Person, with_person


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
