"""What fits a line: words wrapped, texts clipped, messages shortened (RFC 1459 2.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.message import Message


def clip(text: str, octets: int) -> str:
    """Return as much of a text as fits into so many bytes of UTF-8."""
    return text.encode()[:octets].decode(errors="ignore")


def wrap(words: Iterable[str], room: int, separator: str = " ") -> Iterator[str]:
    """Join words into lines of at most `room` bytes (a longer word has its own line)."""
    line: list[str] = []
    length = 0
    for word in words:
        size = len(word.encode()) + 1
        if line and length + size > room + 1:
            yield separator.join(line)
            line, length = [], 0
        line.append(word)
        length += size
    if line:
        yield separator.join(line)


def fitted(message: Message) -> Message:
    """Return a message that fits a line, its longest parameter shortened as far as it takes."""
    params = message.params
    if sum(map(len, params)) * 4 < LINE_BYTES // 2:
        return message
    excess = len(Message(message.command, params, message.source).encode()) - LINE_BYTES
    if excess <= 0:
        return message
    longest = max(range(len(params)), key=lambda index: len(params[index].encode()))
    clipped = clip(params[longest], max(1, len(params[longest].encode()) - excess))
    params = (*params[:longest], clipped, *params[longest + 1 :])
    return Message(message.command, params, message.source, message.tags)
