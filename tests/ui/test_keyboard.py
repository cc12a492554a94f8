"""Keys as fast as a line brings them: in turns, in bounds, and none lost."""

from __future__ import annotations

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
