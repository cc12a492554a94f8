"""When a screen is drawn: at once, and then so often a second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from hubbub.transport.turns import Share, Turns
from hubbub.ui.frame_scheduler import FRAME_SECONDS, FrameScheduler
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


def at_a_screen(
    test: Callable[[FrameScheduler, list[str]], Awaitable[None]], fails: bool = False
) -> None:
    """Let a test have frames, and what they have brought about."""

    async def run() -> None:
        happened: list[str] = []

        def draw() -> None:
            happened.append("drawn")
            frames.drawn()
            if fails:
                raise ZeroDivisionError

        frames = FrameScheduler(
            draw, lambda error: happened.append(type(error).__name__), Turns(), Share()
        )
        async with asyncio.timeout(20):
            await test(frames, happened)

    asyncio.run(run())


def test_what_comes_within_a_frame_is_drawn_once_when_it_is_over() -> None:
    async def test(frames: FrameScheduler, happened: list[str]) -> None:
        await asyncio.sleep(FRAME_SECONDS)
        for _ in range(5):
            frames.soon()
        assert happened == ["drawn"]
        await asyncio.sleep(3 * FRAME_SECONDS)
        assert happened == ["drawn", "drawn"]

    at_a_screen(test)


def test_what_was_drawn_for_another_reason_need_not_be_drawn_again() -> None:
    async def test(frames: FrameScheduler, happened: list[str]) -> None:
        frames.drawn()
        frames.soon()
        frames.drawn()
        await asyncio.sleep(2 * FRAME_SECONDS)
        assert happened == []

    at_a_screen(test)


def test_a_screen_that_is_closed_draws_no_more() -> None:
    async def test(frames: FrameScheduler, happened: list[str]) -> None:
        frames.drawn()
        frames.soon()
        frames.close()
        frames.close()
        await asyncio.sleep(2 * FRAME_SECONDS)
        assert happened == []

    at_a_screen(test)


def test_why_it_could_not_be_drawn_is_passed_on() -> None:
    async def test(frames: FrameScheduler, happened: list[str]) -> None:
        await asyncio.sleep(FRAME_SECONDS)
        frames.soon()
        assert happened == ["drawn", "ZeroDivisionError"]

    at_a_screen(test, fails=True)
