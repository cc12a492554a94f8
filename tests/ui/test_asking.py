"""What stands between a text that was entered and saying it."""

from __future__ import annotations

from datetime import UTC

import pytest

from hubbub.client.commands.context import Console
from hubbub.client.preferences import Preferences
from hubbub.client.state.state import Question
from hubbub.client.timeline.transcript import Transcript
from hubbub.client.timeline.view import View
from hubbub.ui.asking import QuestionPrompt, what_is_wanted, whether_to_say, why_not_yet
from hubbub.ui.editing.editor import Submitted
from tests.client.desk import Desk
from tests.client.harness import Peer


def asked(question: Question) -> tuple[QuestionPrompt, list[str]]:
    answers: list[str] = []
    return what_is_wanted(question, answers.append), answers


def test_what_is_secret_is_masked_and_taken_as_it_is() -> None:
    prompt, answers = asked(Question("Password: ", lambda *_: None))
    assert (prompt.editor.masked, prompt.prompt) == (True, "Password: ")
    prompt.answered(" se same ")
    assert answers == [" se same "]


def test_what_may_be_shown_is_shown_and_taken_without_blanks_around_it() -> None:
    prompt, answers = asked(Question("Code\x1b[2J: ", lambda *_: None, shown=True))
    assert (prompt.editor.masked, prompt.prompt) == (False, "Code␛[2J: ")
    prompt.answered(" 123456 ")
    assert answers == ["123456"]


@pytest.mark.parametrize(
    ("entered", "prompt"),
    [
        (Submitted("one\ntwo", pasted=True), "Say these 2 lines as one message? [y/n] "),
        (Submitted("one", pasted=True), "Say this? [y/n] "),
        (Submitted("one\ntwo\n\n", pasted=True), "Say these 2 lines as one message? [y/n] "),
        (
            Submitted("one", pasted=True, cut=True),
            "Say this, without the end of the paste, for which there was no room? [y/n] ",
        ),
    ],
)
def test_what_was_pasted_is_described_before_it_is_said(entered: Submitted, prompt: str) -> None:
    assert whether_to_say(Desk().console, entered, print, print).prompt == prompt


def test_in_how_many_messages_it_is_said_depends_on_the_server() -> None:
    desk = Desk()
    desk.peer.session.state.capabilities -= {"draft/multiline"}
    entered = Submitted("one\ntwo\nthree", pasted=True)
    question = whether_to_say(desk.console, entered, print, print)
    assert question.prompt == "Say these 3 lines as 3 messages? [y/n] "


@pytest.mark.parametrize(
    ("answer", "agreed"), [("y", True), (" YES ", True), ("n", False), ("", False), ("yy", False)]
)
def test_only_a_clear_yes_says_it_and_otherwise_nothing_is_lost(answer: str, agreed: bool) -> None:
    said: list[str] = []
    kept: list[Submitted] = []
    entered = Submitted("one\ntwo", pasted=True)
    whether_to_say(Desk().console, entered, said.append, kept.append).answered(answer)
    assert (said, kept) == (["one\ntwo"], []) if agreed else ([], [entered])


def nowhere(peer: Peer) -> Console:
    """Return a console that shows no room yet."""
    session, preferences = peer.session, Preferences()
    view = View(Transcript(UTC), session.state.features.fold, preferences)
    return Console(session, view, preferences)


def test_a_text_waits_for_the_channel_that_was_asked_for() -> None:
    peer = Peer()
    peer.session.join("#c")
    console = nowhere(peer)
    assert "no channel yet; this stays here" in why_not_yet(console, "hello")
    peer.register()
    assert "no channel yet; this stays here" in why_not_yet(console, "hello")


def test_who_has_asked_for_no_channel_is_told_how() -> None:
    peer = Peer()
    peer.register()
    assert "go to one with /join" in why_not_yet(nowhere(peer), "hello")


def test_who_was_put_out_of_the_room_says_it_nowhere_else() -> None:
    desk = Desk()
    desk.type("/msg bob")
    desk.type("/join #c")
    desk.peer.receive("@msgid=1 :op!u@h KICK #c ann")
    desk.look()
    assert "this stays here; Alt-A or /join goes to one" in why_not_yet(desk.console, "hello")


@pytest.mark.parametrize("text", ["/join #c", "", "  "])
def test_commands_and_nothing_can_be_entered_anywhere(text: str) -> None:
    assert why_not_yet(nowhere(Peer()), text) == ""
    assert why_not_yet(nowhere(Peer()), "//text") != ""
    assert why_not_yet(Desk().console, "hello") == ""
