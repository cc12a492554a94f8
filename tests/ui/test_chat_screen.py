"""The chat screen: what is shown of a session, and what comes of keys."""

from __future__ import annotations

import asyncio
from typing import Any

from hubbub.client.link_state import LinkState, LinkStatus
from hubbub.ui.chat_screen import GREETING, LEFT
from hubbub.ui.frame_scheduler import FRAME_SECONDS
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


def test_who_has_just_come_is_greeted_and_taken_to_a_room() -> None:
    async def run() -> None:
        person = Person(room="#lobby")
        assert person.terminal.lines[0] == GREETING
        person.session.connected(1000.0)
        person.hear(":s 001 ann :Hi", ":s 376 ann :End")
        assert "JOIN #lobby" in person.sent()
        person.screen.closed(None)

    asyncio.run(run())


def test_who_is_in_rooms_already_is_taken_nowhere_else() -> None:
    async def run() -> None:
        person = Person(room="#lobby")
        person.session.connected(1000.0)
        person.hear(":s 001 ann :Hi", ":ann!u@h JOIN #mine", ":s 376 ann :End")
        assert not any("#lobby" in sent for sent in person.sent())
        person.screen.closed(None)

    asyncio.run(run())


def test_what_is_said_stands_above_the_prompt_and_what_is_typed_is_said() -> None:
    async def test(person: Person) -> None:
        person.enter()
        person.hear("@msgid=1 :bob!u@h PRIVMSG #c :hello")
        lines = await person.type("hi")
        assert lines[-3:] == ["<bob> hello", " #c (1) │ ann │ connected", "#c> hi"]
        assert (await person.type("\r"))[-1] == "#c>"
        assert "PRIVMSG #c :hi" in person.sent()

    with_person(test)


def test_a_question_of_the_session_is_asked_and_its_answer_not_shown() -> None:
    async def test(person: Person) -> None:
        person.enter()
        answers: list[str] = []
        person.session.state.ask("Password: ", lambda _, answer: answers.append(answer))
        person.screen.show([])
        assert (await person.type("sesame"))[-1] == "Password: ******"
        await person.type("\r")
        assert answers == ["sesame"]
        assert b"sesame" not in b"".join(person.terminal.drawn)

    with_person(test)


def test_control_c_and_control_d_leave_a_question_before_they_leave_the_chat() -> None:
    async def test(person: Person) -> None:
        person.enter()
        answers: list[str] = []
        for key in "\x03\x04":
            person.session.state.ask("Code: ", lambda _, answer: answers.append(answer), True)
            person.screen.show([])
            await person.type(key)
        assert (answers, person.conversation.ends) == (["", ""], [])
        assert "Ctrl-D or /quit leaves" in (await person.type("\x03"))
        await person.type("\x04")
        assert person.conversation.ends == [LEFT]

    with_person(test)


def test_keys_after_leaving_are_nobodys() -> None:
    async def test(person: Person) -> None:
        person.enter()
        await person.type("/quit see you\rhello\r")
        assert person.conversation.ends == ["see you"]
        assert person.sent() == []

    with_person(test)


def test_a_paste_is_asked_about_and_comes_back_where_it_is_not_said() -> None:
    async def test(person: Person) -> None:
        person.enter()
        lines = await person.type("\x1b[200~one\rtwo\x1b[201~\r")
        assert lines[-1].startswith("Say these 2 lines as")
        lines = await person.type("n\r")
        assert lines[-2:] == ["#c> one", "two"]

    with_person(test)


def test_what_cannot_be_said_yet_stays_where_it_was_typed() -> None:
    async def test(person: Person) -> None:
        lines = await person.type("hello\r")
        assert any("this stays here until you are" in line for line in lines)
        assert lines[-1] == "> hello"

    with_person(test)


def test_a_terminal_that_takes_nothing_is_drawn_on_when_it_does_again() -> None:
    async def test(person: Person) -> None:
        person.enter()
        person.terminal.is_blocked = True
        person.screen.tell("one")
        assert not person.terminal.reading
        before = len(person.terminal.drawn)
        person.screen.tell("two")
        person.screen.tick()
        assert len(person.terminal.drawn) == before
        person.terminal.is_blocked = False
        person.screen.writable()
        assert person.terminal.lines[-4:-2] == ["one", "two"]
        assert person.terminal.reading
        assert person.conversation.unblocked == 1

    with_person(test)


def test_the_screen_is_emptied_by_key_and_by_command() -> None:
    async def test(person: Person) -> None:
        person.enter()
        for clear in ("\x0c", "/clear\r"):
            person.screen.tell("something")
            assert "something" in person.terminal.lines
            assert await person.type(clear) == [" #c (1) │ ann │ connected", "#c>"]

    with_person(test)


def test_simple_mode_begins_and_ends_with_the_setting() -> None:
    async def test(person: Person) -> None:
        person.enter()
        lines = await person.type("/set plain on\r")
        assert any("simple mode" in line for line in lines)
        person.terminal.drawn.clear()
        person.hear("@msgid=1 :bob!u@h PRIVMSG #c :hello")
        drawn = b"".join(person.terminal.drawn)
        assert drawn.endswith(b"<bob> hello\r\n")
        assert b"\x1b" not in drawn
        await person.type("/set plain off\r")
        assert person.terminal.lines[-1] == "#c>"

    with_person(test)


def test_alt_a_goes_to_the_room_with_news() -> None:
    async def test(person: Person) -> None:
        person.enter()
        person.hear("@msgid=1 :bob!u@h PRIVMSG ann :psst")
        assert (await person.type("\x1ba"))[-1] == "bob>"

    with_person(test)


def test_what_a_key_has_to_say_stands_above() -> None:
    async def test(person: Person) -> None:
        person.enter()
        assert "~^Z suspends ssh" in await person.type("\x1a")
        assert "there is no room for more" in await person.type("x" * 9000)

    with_person(test)


def test_a_lost_connection_is_shown_until_it_is_back() -> None:
    async def test(person: Person) -> None:
        person.enter()
        person.screen.connected(LinkState(LinkStatus.WAITING, "reset", 60.0))
        person.screen.tick()
        assert "trying again in" in person.terminal.lines[-2]
        person.screen.connected(LinkState(LinkStatus.CONNECTED))
        assert person.terminal.lines[-2] == " #c (1) │ ann │ connected"

    with_person(test)


def test_the_end_says_what_was_not_confirmed_and_gives_the_terminal_back() -> None:
    async def test(person: Person) -> None:
        person.enter()
        person.session.say("#c", "hello")
        person.screen.over("gone")
        person.screen.over("gone")
        assert person.terminal.lines[-1] == "1 of your messages were not confirmed"
        assert person.terminal.code == 1
        assert person.terminal.drawn[-1].count(b"not confirmed") == 1

    with_person(test)


def test_who_asked_to_leave_ends_well() -> None:
    async def test(person: Person) -> None:
        person.enter()
        await person.type("/quit\r")
        person.screen.over("")
        assert person.terminal.code == 0

    with_person(test)


def test_a_terminal_that_others_had_is_drawn_on_from_the_beginning() -> None:
    async def test(person: Person) -> None:
        person.enter()
        await person.type("half a line")
        person.screen.suspending()
        person.terminal.write(b"\x1b[2J\x1b[H")
        person.screen.resumed(40, 10)
        assert person.terminal.lines == [" #c (1) │ ann │ connected", "#c> half a line"]

    with_person(test)


def test_a_line_that_is_gone_is_told_the_conversation_and_nothing_more_is_drawn() -> None:
    async def test(person: Person) -> None:
        person.enter()
        person.terminal.drawn.clear()
        person.screen.closed("Connection reset by peer")
        person.screen.tell("x")
        assert person.terminal.drawn == []
        assert person.conversation.ends == ["Connection reset by peer"]

    with_person(test)
