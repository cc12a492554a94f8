"""Lines of IRC, taken apart: tags, source, command, parameters. No secret comes out."""

from __future__ import annotations

from typing import Final

from hubbub.irc import numerics
from hubbub.irc.framing import TAG_BYTES, LineBuffer, TooLong
from hubbub.irc.message import MalformedLine, Message, parse_text
from hubbub.wire.decoding.secrets import without_secrets
from hubbub.wire.seen import Details, Fact, OnLayer, Seen, Way

LINE_BYTES: Final = 16 * 1024
"""The longest line that is read, without its tags; servers that stretch the 512 stay below it."""
_NUMERICS: Final = {
    value.code: name
    for name, value in vars(numerics).items()
    if isinstance(value, numerics.Numeric)
}


class IRCStream:
    """Cut what comes one way into lines, and say what they are."""

    def __init__(self, way: Way) -> None:
        """Begin before the first line."""
        self._way = way
        self._lines = LineBuffer(LINE_BYTES, TAG_BYTES)

    def feed(self, data: bytes) -> list[tuple[Message | None, Seen]]:
        """Return the lines that are complete with these bytes: what they mean, and say."""
        return [self._read(line) for line in self._lines.feed(data)]

    def _read(self, line: bytes | TooLong) -> tuple[Message | None, Seen]:
        if isinstance(line, TooLong):
            facts = (("not shown", "it is longer than any line may be"),)
            return None, Seen(OnLayer.IRC, "line too long", self._way, None, facts)
        try:
            message = parse_text(line.decode(errors="replace"))
        except MalformedLine as error:
            return None, self._malformed(line, str(error))
        return message, describe_line(message, self._way, len(line) + 2)

    def _malformed(self, line: bytes, reason: str) -> Seen:
        # Nobody knows whether what a client sends so holds a secret; what a server sends is read.
        hidden = "not shown: it cannot be known whether it holds a secret"
        text = hidden if self._way is Way.SENT else line.decode(errors="replace")
        facts = (("reason", reason), ("text", text))
        return Seen(OnLayer.IRC, "no message", self._way, len(line) + 2, facts)


def describe_line(message: Message, way: Way, size: int) -> Seen:
    """Say what a message is: its tags one by one, its source in parts, its parameters in order."""
    shown = without_secrets(message, way)
    facts: list[tuple[str, Fact]] = [
        (f"tag {name}", value or "(no value)") for name, value in shown.tags.items()
    ]
    facts += _source(shown.source)
    if shown.params:
        facts.append(("parameters", shown.params))
    details: Details = tuple(facts)
    name = message.command
    if name in _NUMERICS:
        name = f"{name} {_NUMERICS[name]}"
    lesson = "numeric" if message.command.isdigit() else message.command
    return Seen(OnLayer.IRC, name, way, size, details, lesson)


def _source(source: str | None) -> list[tuple[str, Fact]]:
    if not source:
        return []
    nick, marked, rest = source.partition("!")
    if not marked:
        return [("source", source)]
    user, _, host = rest.partition("@")
    return [("source", f"nick {nick}, user {user}, host {host}")]
