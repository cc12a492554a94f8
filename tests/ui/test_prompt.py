"""The prompt: laid out anew where something that it shows has changed, and only then."""

from __future__ import annotations

import pytest

from hubbub.client.link_state import LinkState, LinkStatus
from hubbub.ui.asking import QuestionPrompt
from hubbub.ui.drawing.inline import Inline
from hubbub.ui.drawing.layout import Header, Size
from hubbub.ui.drawing.theme import Depth
from hubbub.ui.editing.editor import Editor
from hubbub.ui.editing.key_decoder import Text
from hubbub.ui.prompt import Prompt
from tests.client.desk import Desk
from tests.client.harness import line


class Drawn(Inline):
    """Keep what is to be shown."""

    def __init__(self) -> None:
        super().__init__(Size(), Depth.MANY)
        self.shown: list[tuple[str, str, str]] = []

    def show(self, editor: Editor, prompt: str, header: Header) -> None:
        self.shown.append((prompt, editor.text, header.status.strip()))


class Sight:
    """Look at the prompt of somebody at a desk."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.drawn = Drawn()
        self.prompt = Prompt(self.desk.console, Editor())

    def look(self) -> list[tuple[str, str, str]]:
        """Return what is laid out now."""
        self.drawn.shown.clear()
        self.prompt.show(self.drawn, 80)
        return self.drawn.shown

    def hear(self, *lines: str) -> None:
        self.desk.peer.receive(*lines)
        self.desk.look()
        self.prompt.is_stale = True


@pytest.fixture
def sight() -> Sight:
    made = Sight()
    assert made.look() == [("#c> ", "", "#c (3) │ ann │ connected")]
    return made


def test_nothing_is_laid_out_twice(sight: Sight) -> None:
    assert sight.look() == []
    # What others say where one is changes nothing of it.
    sight.hear(line(1, "hello"))
    assert sight.look() == []


def test_what_is_typed_is_laid_out(sight: Sight) -> None:
    sight.prompt.editor.press(Text("hi"))
    assert sight.look() == []
    sight.prompt.touch()
    assert [text for _, text, _ in sight.look()] == ["hi"]


@pytest.mark.parametrize(
    ("heard", "status"),
    [
        (":dan!u@h JOIN #c", "#c (4) │ ann │ connected"),
        (":ann!u@h NICK anna", "#c (3) │ anna │ connected"),
        (":s 306 ann :You are away", "#c (3) │ ann │ away │ connected"),
        ("@msgid=1 :bob!u@h PRIVMSG ann :psst", "#c (3) │ ann │ bob 1! │ connected"),
    ],
)
def test_what_is_known_of_the_session_is_laid_out_when_it_changes(
    sight: Sight, heard: str, status: str
) -> None:
    sight.hear(heard)
    (shown,) = sight.look()
    assert sorted(shown[2].split(" │ ")) == sorted(status.split(" │ "))


def test_a_question_stands_alone_and_takes_the_keys(sight: Sight) -> None:
    editor = sight.prompt.editor
    sight.prompt.question = QuestionPrompt(Editor(masked=True), "Password: ", print)
    sight.prompt.editor.press(Text("x"))
    sight.prompt.is_stale = True
    assert sight.look() == [("Password: ", "x", "")]
    sight.prompt.question = None
    assert sight.prompt.editor is editor
    assert editor.text == ""


def test_a_lost_connection_is_counted_down(sight: Sight) -> None:
    sight.prompt.connected(LinkState(LinkStatus.WAITING, "", 60.0))
    assert sight.prompt.is_waiting
    (shown,) = sight.look()
    assert "trying again in" in shown[2]
    sight.prompt.connected(LinkState(LinkStatus.CONNECTED))
    assert not sight.prompt.is_waiting


def test_on_a_terminal_that_others_had_it_is_laid_out_anew(sight: Sight) -> None:
    sight.prompt.forget()
    assert len(sight.look()) == 1
