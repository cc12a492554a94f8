"""What stands between a text that was entered and saying it: questions, and no channel yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hubbub.client.commands.context import Console
from hubbub.client.state import state
from hubbub.irc.text import visible
from hubbub.ui.editing.editor import Editor, Submitted


@dataclass(slots=True, eq=False)
class QuestionPrompt:
    """Hold a question, where its answer is typed, and who takes it.

    Who does not want to answer has answered "".
    """

    editor: Editor
    prompt: str
    answered: Callable[[str], None]


def what_is_wanted(asked: state.Question, answered: Callable[[str], None]) -> QuestionPrompt:
    """Ask what the session wants to know, which is neither shown nor kept unless it may be."""

    def trimmed(answer: str) -> None:
        answered(answer.strip() if asked.shown else answer)

    editor = Editor(masked=not asked.shown, single=True)
    return QuestionPrompt(editor, visible(asked.prompt), trimmed)


def whether_to_say(
    console: Console,
    entered: Submitted,
    agreed: Callable[[str], None],
    refused: Callable[[Submitted], None],
) -> QuestionPrompt:
    """Ask whether what was pasted is to be said; where not, nothing of it is lost."""
    text = entered.text.rstrip()
    count = len(text.strip().split("\n"))
    messages = console.session.messages_of(console.view.current, text)
    way = "as one message" if messages == 1 else f"as {messages} messages"
    what = f"these {count} lines {way}" if count > 1 else "this"
    if entered.cut:
        what += ", without the end of the paste, for which there was no room"

    def answered(answer: str) -> None:
        if answer.strip().lower() in ("y", "yes"):
            agreed(entered.text)
        else:
            refused(entered)

    return QuestionPrompt(Editor(single=True), f"Say {what}? [y/n] ", answered)


def why_not_yet(console: Console, text: str) -> str:
    """Return why a text cannot be said yet, "" where it can or is a command."""
    is_command = text.startswith("/") and not text.startswith("//")
    if is_command or not text.strip() or console.view.current:
        return ""
    session = console.session
    if console.view.panes:
        return "you are in no channel now, and this stays here; Alt-A or /join goes to one"
    if session.registered and not any(room.wanted for room in session.rooms):
        return "you are in no channel; go to one with /join #channel"
    return "you are in no channel yet; this stays here until you are: press Enter then"
