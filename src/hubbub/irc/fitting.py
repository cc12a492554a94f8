"""What fits a line: words wrapped, texts clipped, messages shortened (RFC 1459 2.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.message import Message


def clip(text: str, octets: int) -> str:
    """Return as much of a text as fits into so many bytes of UTF-8."""
    return text.encode()[:octets].decode(errors="ignore")


def wrap(words: Iterable[str], room: int, separator: str = " ") -> Iterator[str]:
    """Join words into lines of at most `room` bytes (a longer word has its own line).

    No word holds the separator. It is looked for at the end of each line only: of thousands who
    come into a channel at one moment each is told thousands of names.
    """
    given = list(words)
    if not given:
        return
    text, between, start = separator.join(given).encode(), separator.encode(), 0
    while len(text) - start > room:
        end = text.rfind(between, start, start + room + len(between))
        if end < 0 and (end := text.find(between, start)) < 0:
            break
        yield text[start:end].decode()
        start = end + len(between)
    yield text[start:].decode()


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
