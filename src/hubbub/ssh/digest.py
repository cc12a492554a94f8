"""`ssh chat digest` and `mentions`: what is new, what was meant for one, for eyes and scripts."""

from __future__ import annotations

import json
from typing import Any

from hubbub.client.events import ChatMessage, Event, MentionsListed, NewIn, WhatIsNew
from hubbub.client.session import ClientSession
from hubbub.client.timeline import digest
from hubbub.irc.message import Message
from hubbub.irc.timestamps import format_time
from hubbub.ssh.pipe import ExecSession
from hubbub.ui.ends import Output
from hubbub.ui.exit_code import ExitCode


class DigestPrinter(ExecSession):
    """Ask for the digest, or for mentions, with one command; print the answer, and end."""

    def __init__(
        self, output: Output, session: ClientSession, question: tuple[str, ...], as_json: bool
    ) -> None:
        super().__init__(output, session)
        self._question = question
        self._as_json = as_json
        self._asked = False

    def heard(self, message: Message) -> None:
        """End where the server refuses the answer."""
        refused = message.params[:2] == (self._question[0], "ACCOUNT_REQUIRED")
        if message.command == "FAIL" and refused:
            self._complain("what you have read is known for an account only; come in as yours")
            self._end(ExitCode.NOT_LET_IN)
        else:
            self._end_if_refused(message, self._question[0])

    def _event(self, event: Event) -> None:
        if isinstance(event, (WhatIsNew, MentionsListed)):
            for line in self._lines(event):
                self._print(line)
            self._end()

    def _lines(self, event: WhatIsNew | MentionsListed) -> list[str]:
        if isinstance(event, WhatIsNew):
            if self._as_json:
                return [json.dumps(_conversation(one)) for one in event.found]
            return list(digest.of_news(event))
        if self._as_json:
            return [json.dumps(_said(one)) for one in event.said]
        return list(digest.of_mentions(event))

    def _settle(self) -> None:
        if self._session.registered and not self._asked:
            self._asked = True
            self._session.send(*self._question)

    def _awaits(self) -> object:
        return "answer" if self._asked else "welcome"


def _conversation(one: NewIn) -> dict[str, Any]:
    return {
        "target": one.name,
        "unread": one.unread,
        "mentions": one.mentions,
        "time": _time(one.time),
        "pinned": one.pinned,
        "said": [_said(said) for said in one.said],
    }


def _said(said: ChatMessage) -> dict[str, Any]:
    return {
        "time": _time(said.time),
        "target": said.room,
        "nick": said.nick,
        "kind": said.speech.value,
        "text": said.text,
        "msgid": said.msgid,
    }


def _time(seconds: float) -> str:
    return format_time(round(seconds * 1_000_000))
