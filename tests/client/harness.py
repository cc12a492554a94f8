"""A session, and the server's side of it, played by the test."""

from __future__ import annotations

from itertools import count

from hubbub.client.events import ChatMessage, Event, Told
from hubbub.client.session import ClientSession
from hubbub.client.state.state import Wishes
from hubbub.irc.message import Message, parse_text

CAPABILITIES = (
    "message-tags server-time batch echo-message labeled-response draft/chathistory "
    "draft/event-playback draft/multiline=max-bytes=4096,max-lines=24 multi-prefix"
)


class Peer:
    """Hold a session whose server is the test; time stands still unless told otherwise."""

    def __init__(
        self,
        capabilities: str = CAPABILITIES,
        seen: dict[str, float] | None = None,
        history: int = 50,
        person: bool = False,
        account: str = "",
    ) -> None:
        numbers = count(1)
        self.capabilities = capabilities
        self.account = account
        self.now = 1000.0
        self.session = ClientSession(
            Wishes("ann", history=history, person=person), lambda: f"n{next(numbers)}", seen or {}
        )
        self.events: list[Event] = []

    def receive(self, *lines: str) -> list[Event]:
        """Let the server say lines; return what the person learns."""
        events = [
            event for line in lines for event in self.session.receive(parse_text(line), self.now)
        ]
        self.events += events
        return events

    def sent(self) -> list[str]:
        """Return what the client says."""
        return [message.format() for message in self.session.take()]

    def messages(self) -> list[Message]:
        """Return what the client says, as messages."""
        return self.session.take()

    def register(self, nick: str = "ann") -> None:
        """Connect, negotiate and be welcomed."""
        self.session.connected(self.now)
        self.sent()
        self.receive(f":irc.test CAP * LS :{self.capabilities}")
        requested = [line for line in self.sent() if line.startswith("CAP REQ")]
        for line in requested:
            self.receive(f":irc.test CAP * ACK :{line.partition(':')[2] or line.split()[-1]}")
        if self.account:
            self.receive(f":irc.test 900 {nick} {nick}!u@h {self.account} :You are logged in")
        self.receive(
            f":irc.test 001 {nick} :Welcome",
            f":irc.test 005 {nick} CHANTYPES=# PREFIX=(ov)@+ CASEMAPPING=ascii NETWORK=Test "
            "CHANMODES=b,k,l,imnst CHATHISTORY=100 :are supported",
            f":irc.test 376 {nick} :End",
        )

    def enter(self, channel: str = "#c", *history: str) -> None:
        """Register and join a channel whose history is `history`."""
        self.session.join(channel)
        self.register()
        self.sent()
        self.join(channel)
        if "chathistory" in self.capabilities and self.session.state.wishes.history:
            self.page(channel, *history)
        self.sent()

    def join(self, channel: str = "#c", nick: str = "ann", time: int = 0) -> None:
        """Let the server take us into a channel."""
        stamp = f"time=2026-01-01T00:00:{time:02d}.000Z;msgid=join{time}"
        tags = f"@{stamp} " if "server-time" in self.capabilities else ""
        self.receive(f"{tags}:{nick}!u@h JOIN {channel}")

    def page(self, channel: str, *lines: str) -> None:
        """Let the server answer a request for history."""
        self.receive(f":irc.test BATCH +h chathistory {channel}")
        for line in lines:
            tags, _, rest = line.partition(" ")
            self.receive(f"{tags};batch=h {rest}")
        self.receive(":irc.test BATCH -h")

    def said(self) -> list[tuple[str, str, str]]:
        """Return who said what, and what is known of its delivery, in all events so far."""
        return [
            (event.nick, event.text, event.delivery.value)
            for event in self.events
            if isinstance(event, ChatMessage)
        ]


def line(number: int, text: str, nick: str = "bob", tags: str = "", channel: str = "#c") -> str:
    """Return a message as the server sends it: its msgid and time are made of the number."""
    extra = f";{tags}" if tags else ""
    return (
        f"@time=2026-01-01T00:01:{number:02d}.000Z;msgid=m{number}{extra} "
        f":{nick}!u@h PRIVMSG {channel} :{text}"
    )


def told(events: list[Event]) -> list[str]:
    """Return what the person is told in these events."""
    return [event.text for event in events if isinstance(event, Told)]
