"""A person at a console, and what is sent and shown."""

from __future__ import annotations

from datetime import UTC

from hubbub.client.commands import table
from hubbub.client.commands.context import Console
from hubbub.client.preferences import Preferences
from hubbub.client.timeline.transcript import Transcript, text_of
from hubbub.client.timeline.view import View
from tests.client.harness import Peer


class Desk:
    """Sit at a console in #c."""

    def __init__(self) -> None:
        self.peer = Peer()
        session = self.peer.session
        preferences = Preferences()
        view = View(Transcript(UTC, False), session.state.features.fold, preferences)
        self.console = Console(session, view, preferences)
        self.peer.enter()
        self.peer.receive(":s 353 ann = #c :@ann bob carl", ":s 366 ann #c :End")
        self.look()

    def look(self) -> None:
        for event in self.peer.events:
            self.console.lines += self.console.view.receive(event, 0.0)
        self.peer.events.clear()

    def type(self, text: str) -> tuple[list[str], list[str]]:
        """Type a line; return what is sent and what is shown."""
        self.console.lines.clear()
        table.run(self.console, text)
        return self.peer.sent(), [text_of(shown) for shown in self.console.lines]


class Account(Desk):
    """Sit at a console, logged in as ann."""

    def __init__(self) -> None:
        super().__init__()
        state = self.peer.session.state
        state.login.credentials.account = state.login.account = "ann"

    def hear(self, *lines: str) -> list[str]:
        """Let the server say lines; return what is shown."""
        self.console.lines.clear()
        self.peer.receive(*(f":irc.test {line}" for line in lines))
        self.look()
        return [text_of(shown) for shown in self.console.lines]

    def answer(self, prompt: str, text: str, shown: bool = False) -> list[str]:
        """Answer the question that is asked; return what is sent."""
        question = self.peer.session.question
        assert question is not None
        assert prompt in question.prompt
        assert question.shown is shown
        self.peer.session.answer(text)
        return self.peer.sent()


SUPPORTED = ":s 005 ann WHOX EXTBAN=,am ACCOUNTEXTBAN=a :are supported"


class BanDesk(Desk):
    """Sit in #c with bob and carl behind one address, zed with an account, and gil without."""

    def __init__(self, tokens: str = SUPPORTED) -> None:
        super().__init__()
        self.peer.receive(
            tokens,
            "@msgid=own :ann!annu@home CHGHOST annu home",
            ":s 353 ann = #c :ann!annu@home bob!b@shared carl!c@shared zed!z@home gil!g@away",
        )
        self.look()

    def type(self, text: str) -> tuple[list[str], list[str]]:
        """Type a line; what it leaves to tell is shown too."""
        sent, shown = super().type(text)
        self.peer.events += self.peer.session.take_events()
        self.look()
        return sent, shown

    def who(self, nick: str, user: str = "", host: str = "", account: str = "0") -> None:
        """Let the server say who somebody is."""
        if user:
            self.peer.receive(f":s 354 ann 731 {user} {host} {nick} {account}")
        self.peer.receive(f":s 315 ann {nick} :End of WHO list")
        self.look()

    def listed(self, *masks: str) -> None:
        """Let the server list the bans of #c."""
        for mask in masks:
            self.peer.receive(f":s 367 ann #c {mask} op!o@h 1767225600")
        self.peer.receive(":s 368 ann #c :End of channel ban list")
        self.look()

    @property
    def shown(self) -> str:
        return "\n".join("".join(part.text for part in each) for each in self.console.lines)
