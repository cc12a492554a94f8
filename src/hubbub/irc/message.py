"""A message of the protocol, between its bytes and its parts (RFC 1459 2.3, IRCv3 message-tags).

ProtocolError
 +-- MalformedLine    no command, or a byte that no line may hold
 +-- InvalidUTF8      the bytes are not UTF-8; carries the command for the FAIL reply
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

NO_TAGS: Mapping[str, str] = MappingProxyType({})


class ProtocolError(Exception):
    """Stand for all that is wrong with a line; it is never raised itself."""


class MalformedLine(ProtocolError):
    """Say that a line has no command or holds a NUL or a bare carriage return.

    Whoever sent it to a server is answered `FAIL * INVALID_MESSAGE`; what a server sent so is shown
    as text, as far as it can be.
    """


class InvalidUTF8(ProtocolError):
    """Say that a line is not UTF-8; `command` is what can be read of its command.

    Whoever sent it to a server is answered `FAIL COMMAND INVALID_UTF8`; what a server sent so is
    shown with a sign in the place of what cannot be read.
    """

    def __init__(self, command: str) -> None:
        super().__init__(f"{command}: not UTF-8")
        self.command = command


class Message(NamedTuple):
    """Hold one message: a command in upper case, its parameters, its source and its tags.

    `tags` maps each tag's name (with vendor and the `+` of a client-only tag) to its unescaped
    value; a tag without a value has "".
    """

    command: str
    params: tuple[str, ...] = ()
    source: str | None = None
    tags: Mapping[str, str] = NO_TAGS

    @property
    def nick(self) -> str:
        """Return the source up to its `!`, or "" without a source."""
        return (self.source or "").partition("!")[0]

    def format(self) -> str:
        """Return the message as a line, without its line ending."""
        line = format_body(self.source, self.command, self.params)
        return f"{format_tags(self.tags)}{line}" if self.tags else line

    def encode(self) -> bytes:
        """Return the message as UTF-8 with CR LF."""
        return f"{self.format()}\r\n".encode()


def parse(line: bytes) -> Message:
    """Read a line, with or without its line ending.

    Raise MalformedLine or InvalidUTF8.
    """
    try:
        text = line.decode()
    except UnicodeDecodeError:
        readable = parse_text(line.decode(errors="replace").rstrip("\r\n"))
        raise InvalidUTF8(readable.command) from None
    return parse_text(text.rstrip("\r\n"))


def parse_text(text: str) -> Message:
    """Read a line that is text already, without its line ending. Raise MalformedLine."""
    if "\0" in text or "\r" in text or "\n" in text:
        raise MalformedLine("a line may not hold NUL, CR or LF")
    tags, source = NO_TAGS, None
    if text.startswith("@"):
        head, _, text = text[1:].partition(" ")
        tags = parse_tags(head)
        text = text.lstrip(" ")
    if text.startswith(":"):
        source, _, text = text[1:].partition(" ")
    body, colon, trailing = text.partition(" :")
    params = body.split(" ")
    if "" in params:
        # Blanks stood together, or the command directly before its trailing parameter.
        params = [word for word in params if word]
    if not params:
        raise MalformedLine("a line needs a command")
    command = params.pop(0).upper()
    if colon:
        params.append(trailing)
    return Message(command, tuple(params), source, tags)


_UNESCAPED = {":": ";", "s": " ", "\\": "\\", "r": "\r", "n": "\n"}
_ESCAPED = str.maketrans({";": r"\:", " ": r"\s", "\\": r"\\", "\r": r"\r", "\n": r"\n"})


def read_tags(line: bytes) -> Mapping[str, str]:
    """Return the tags at the beginning of a line of which the rest may be no message.

    There are none where the tags themselves are not UTF-8, or hold a byte that no line may hold.
    """
    head, blank, _ = line.partition(b" ")
    if not (blank and head.startswith(b"@")):
        return NO_TAGS
    try:
        text = head[1:].decode()
    except UnicodeDecodeError:
        return NO_TAGS
    return NO_TAGS if "\0" in text or "\r" in text else parse_tags(text)


def parse_tags(text: str) -> Mapping[str, str]:
    """Read the tags between `@` and the first space; of a name given twice the last one counts."""
    tags: dict[str, str] = {}
    for item in text.split(";"):
        name, _, value = item.partition("=")
        if name:
            tags[name] = unescape(value) if "\\" in value else value
    return tags


def unescape(value: str) -> str:
    """Undo the escapes of a tag's value (IRCv3 message-tags, Escaping values)."""
    out: list[str] = []
    characters = iter(value)
    for character in characters:
        if character == "\\":
            escaped = next(characters, "")
            out.append(_UNESCAPED.get(escaped, escaped))
        else:
            out.append(character)
    return "".join(out)


def format_tags(tags: Mapping[str, str]) -> str:
    """Return the tags as `@name=value;name `, or "" for none."""
    if not tags:
        return ""
    items = (
        f"{name}={value.translate(_ESCAPED)}" if value else name for name, value in tags.items()
    )
    return f"@{';'.join(items)} "


def format_body(source: str | None, command: str, params: tuple[str, ...]) -> str:
    """Return what follows the tags, as a line without its ending."""
    parts = [f":{source}", command] if source else [command]
    if params:
        parts.extend(params[:-1])
        last = params[-1]
        bare = last and " " not in last and last[0] != ":" and not _is_text(command, len(params))
        parts.append(last if bare else f":{last}")
    return " ".join(parts)


def _is_text(command: str, count: int) -> bool:
    """Say whether the last of so many parameters is text or a list, and so gets its colon always.

    To the protocol it is one whether the colon stands there or not; many clients look for it.
    """
    if command[0] in "0123456789":
        return command not in _BARE_NUMERICS
    return count > _TEXT_FROM.get(command, count)


_TEXT_FROM: Final = {
    "AWAY": 0,
    "CAP": 2,
    "ERROR": 0,
    "FAIL": 2,
    "JOIN": 2,
    "KICK": 2,
    "METADATA": 3,
    "NOTE": 2,
    "NOTICE": 1,
    "PART": 1,
    "PING": 0,
    "PONG": 1,
    "PRIVMSG": 1,
    "QUIT": 0,
    "REDACT": 2,
    "RENAME": 2,
    "SETNAME": 0,
    "TOPIC": 1,
    "WALLOPS": 0,
    "WARN": 2,
}
"""From which parameter on the last one is text, as other servers send it. What is not here ends
with a name, bare as in the RFCs: JOIN, NICK, INVITE, MODE, ACCOUNT, AUTHENTICATE, BATCH."""
_BARE_NUMERICS: Final = frozenset(
    {
        *("004", "212", "221", "243", "271", "324", "329", "333"),
        *("336", "338", "341", "346", "348", "354", "367"),
    }
)
"""The numerics that carry data only, and end with a word of it."""
