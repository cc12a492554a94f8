"""Where a person types: what commands work on, and how a command is described."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from hubbub.client.events import ChatMessage, Speech
from hubbub.client.preferences import Preferences
from hubbub.client.session import ClientSession
from hubbub.client.timeline.transcript import Fragment, Line, Role, visible_lines
from hubbub.client.timeline.view import View


@dataclass(slots=True)
class Console:
    """Hold what commands work on, and what they leave: lines to show, preferences, the end.

    `clearing` asks for an empty screen. `found` is what was found of what was `searched`, the
    newest first.
    """

    session: ClientSession
    view: View
    preferences: Preferences
    lines: list[Line] = field(default_factory=list)
    quitting: str | None = None
    clearing: bool = False
    searched: str = ""
    found: list[ChatMessage] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Have what is shown count as read, and older messages come where one goes."""
        self.view.on_read = self.session.read
        self.view.on_going = self.session.converse

    def tell(self, text: str, role: Role = Role.NOTICE) -> None:
        """Show a text to the person."""
        self.lines += [(Fragment(line, role),) for line in visible_lines(text)]

    def complain(self, text: str) -> None:
        """Say why something was not done."""
        self.tell(text, Role.ERROR)

    def send(self, command: str, *params: str) -> None:
        """Send a message to the server, or say that there is none."""
        if self.session.registered:
            self.session.send(command, *params)
        else:
            self.complain("not connected; this was not sent")

    def send_early(self, command: str, *params: str) -> None:
        """Send a message that is taken before one is let in, or say that there is no connection."""
        if not self.session.send_early(command, *params):
            self.complain("not connected; this was not sent")

    def ask(self, prompt: str, then: Callable[[str], None], shown: bool = False) -> None:
        """Ask for what is never typed where it can be seen; `then` takes it, "" being nothing."""
        self.session.state.ask(prompt, lambda _, answer: then(answer), shown)

    def say(self, target: str, text: str, speech: Speech = Speech.MESSAGE) -> None:
        """Say something, or say that too much is waiting."""
        if not self.session.say(target, text, speech):
            self.complain("too many messages wait to be sent; this one was not taken")

    @property
    def channel(self) -> str:
        """Return the channel on the screen, or "" after having complained."""
        if self.is_channel(self.view.current):
            return self.view.current
        self.complain("this is no channel; go to one with /join #channel")
        return ""

    def is_channel(self, word: str) -> bool:
        """Say whether a word can only mean a channel."""
        return self.session.state.features.is_channel(word)

    def channel_named(self, word: str) -> str:
        """Return the channel that a word means where a channel is asked for, its `#` or not."""
        return word if self.is_channel(word) else f"#{word}"

    def take_channel(self, argument: str) -> tuple[str, str]:
        """Return the channel that an argument begins with, or the one on the screen, and the rest.

        Where neither is one, "" after having complained.
        """
        first, _, rest = argument.partition(" ")
        return (first, rest.strip()) if self.is_channel(first) else (self.channel, argument)


class Completes(Enum):
    """Say what a command's first word can be completed from."""

    NOTHING = "nothing"
    NICK = "nick"
    CHANNEL = "channel"
    SETTING = "setting"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """Describe one command: how to type it, what it does, and who does it.

    It takes at least `needs` words and at most `most`, any number where that is None. `details` is
    what /help COMMAND says besides.
    """

    name: str
    usage: str
    summary: str
    run: Callable[[Console, str], None]
    completes: Completes = Completes.NOTHING
    needs: int = 0
    aliases: tuple[str, ...] = ()
    most: int | None = None
    details: str = ""

    def takes(self, words: int) -> bool:
        """Say whether so many words can be meant."""
        return self.needs <= words and (self.most is None or words <= self.most)

    @property
    def form(self) -> str:
        """Return the command as it is typed."""
        return f"/{self.name} {self.usage}".rstrip()
