"""The prompt: what is typed, or the answer to a question, below what is known of the session."""

from __future__ import annotations

import time

from hubbub.client.commands.context import Console
from hubbub.client.link_state import LinkState, LinkStatus
from hubbub.ui.asking import QuestionPrompt
from hubbub.ui.drawing import status
from hubbub.ui.drawing.inline import Drawing
from hubbub.ui.drawing.layout import Header
from hubbub.ui.editing.editor import Editor


class Prompt:
    """Hold what is typed where, and lay it out anew only where what it shows may have changed.

    Most of what happens changes nothing of it, and to lay it out costs more than to draw a line.
    """

    def __init__(self, console: Console, editor: Editor) -> None:
        """Begin with what `editor` holds, and without a question."""
        self._console = console
        self._editor = editor
        self.question: QuestionPrompt | None = None
        self._link = LinkState(LinkStatus.CONNECTED)
        self._retry_at = 0.0
        # Counts what changes it besides messages: keys, sizes, settings.
        self._changes = 0
        self.is_stale = True
        self._shown: object = None

    @property
    def editor(self) -> Editor:
        """Return where the next key goes: to the question, if there is one."""
        return self._editor if self.question is None else self.question.editor

    @property
    def is_waiting(self) -> bool:
        """Say whether it counts down to the next try to connect."""
        return self._link.status is LinkStatus.WAITING

    def connected(self, link: LinkState) -> None:
        """Take up how the connection is."""
        self._link = link
        self._retry_at = time.monotonic() + link.seconds
        self.touch()

    def touch(self) -> None:
        """Take note that it is to be laid out anew."""
        self._changes += 1
        self.is_stale = True

    def forget(self) -> None:
        """Take note that nothing of it stands on the terminal."""
        self._shown = None
        self.touch()

    def show(self, drawing: Drawing, columns: int) -> None:
        """Lay it out for a terminal of so many columns, where something may have changed."""
        if not self.is_stale:
            return
        self.is_stale = False
        key = self._key()
        if key == self._shown:
            return
        self._shown = key
        if self.question is not None:
            drawing.show(self.question.editor, self.question.prompt, Header())
            return
        pending = status.pending(self._console, time.time(), columns)
        seconds = self._retry_at - time.monotonic()
        line = status.status(self._console, self._link, seconds, columns)
        header = Header(tuple(pending), line)
        drawing.show(self._editor, status.prompt(self._console), header)

    def _key(self) -> object:
        """Return all that it shows: where that is the same, it looks the same."""
        console = self._console
        view, session = console.view, console.session
        room = session.state.rooms.get(view.current)
        return (
            self._changes,
            self.question,
            view.current,
            len(room.members) if room else 0,
            view.unread,
            session.nick,
            session.registered,
            session.state.away,
            session.pending,
        )
