"""A server's door that a client knocks at with credentials, played by the test."""

from __future__ import annotations

import base64

from hubbub.client.credentials.credentials import Credentials
from hubbub.client.events import Event
from tests.client.harness import CAPABILITIES, Peer

SASL = f"{CAPABILITIES} sasl=EXTERNAL,PLAIN draft/account-registration=before-connect"


FAILED = ":irc.test 904 ann :SASL authentication failed"


def plain(account: str, password: str) -> str:
    return "AUTHENTICATE " + base64.b64encode(f"\0{account}\0{password}".encode()).decode()


class Door(Peer):
    """Knock at a server with credentials; the negotiation is over when it is made."""

    def __init__(self, held: Credentials, capabilities: str = SASL) -> None:
        super().__init__(capabilities)
        held.secure = True
        self.login = self.session.state.login
        self.login.credentials = held
        self.knock()

    def knock(self) -> None:
        """Connect and negotiate."""
        self.session.connected(self.now)
        self.sent()
        self.receive(f":irc.test CAP * LS :{self.capabilities}")
        (request,) = self.sent()
        self.receive(f":irc.test CAP * ACK :{request.partition(':')[2]}")

    def answer(self, question: str, answer: str) -> None:
        """Answer the question that is asked."""
        asked = self.session.question
        assert asked is not None
        assert question in asked.prompt
        self.session.answer(answer)
        self.events += self.session.take_events()

    def enter_hall(self) -> None:
        """Let the server welcome us."""
        self.receive(":irc.test 001 ann :Welcome", ":irc.test 376 ann :End")

    def accept(self) -> None:
        """Let the server accept what was tried."""
        self.receive(
            ":irc.test 900 ann ann!u@h ann :You are now logged in as ann",
            ":irc.test 903 ann :SASL authentication successful",
        )

    def last(self, kind: type[Event]) -> Event:
        """Return the last event of a kind."""
        return [event for event in self.events if isinstance(event, kind)][-1]
