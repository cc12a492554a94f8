"""`ssh chat search`: what was said and fits, as far as one may read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hubbub.client.events import ChatMessage
from hubbub.client.handlers.searching import PAGE, SearchAnswer
from hubbub.client.session import ClientSession
from hubbub.client.timeline.transcript import plain_lines
from hubbub.irc.text import visible
from hubbub.ssh.pipe import ExecSession
from hubbub.ssh.reading import as_object
from hubbub.ui.ends import Output
from hubbub.ui.exit_code import ExitCode


class SearchPrinter(ExecSession):
    """Print what a search finds, the oldest of it first, and end."""

    def __init__(
        self, output: Output, session: ClientSession, words: str, count: int, as_json: bool
    ) -> None:
        super().__init__(output, session)
        self._words, self._left, self._as_json = words, count, as_json
        self._asked = 0
        self._found: list[ChatMessage] = []

    def _settle(self) -> None:
        if self._session.registered and not self._asked:
            self._ask()

    def _ask(self, page: str = "") -> None:
        self._asked += 1
        self._session.search(self._words, min(self._left, PAGE), self._answered, page)

    def _answered(self, answer: SearchAnswer) -> None:
        """Take up a page of it, the newest first, and ask for the next."""
        for note in answer.notes:
            self._complain(note)
            self._code = ExitCode.FAILED
        if answer.failure:
            self._complain(answer.failure)
            self._end(ExitCode.FAILED)
            return
        self._left -= len(answer.messages)
        self._found = [*answer.messages, *self._found]
        if answer.messages and self._left > 0 and answer.messages[0].msgid:
            self._ask(answer.messages[0].msgid)
            return
        for said in self._found:
            self._show(said)
        self._end()

    def _show(self, said: ChatMessage) -> None:
        if self._as_json:
            self._print(json.dumps({**as_object(said), "msgid": said.msgid}))
            return
        moment = datetime.fromtimestamp(said.time, UTC)
        for line in plain_lines(said):
            self._print(f"{moment:%Y-%m-%d %H:%M:%S}Z {visible(said.room)} {line}")

    def _awaits(self) -> object:
        return ("page", self._asked) if self._asked else "welcome"
