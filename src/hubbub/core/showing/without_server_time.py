"""What was said earlier, as notices with the time in the text: for clients without server-time.

They come from the server, so that no program takes an old line for one that is said now.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import Said
from hubbub.irc.fitting import clip
from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.message import Message
from hubbub.irc.timestamps import format_time

_ACTION: Final = "\x01ACTION "


def notices(entry: Entry, target: str, server: str) -> Iterator[Message]:
    """Return what was said as notices to a target, such as `[2026-01-31 12:34 UTC] <ann> hello`."""
    said, body = entry.record, entry.body
    if not isinstance(said, Said) or body is None:
        return
    time = format_time(entry.time)[:16].replace("T", " ")
    nick = said.source.partition("!")[0]
    for line in body.text.replace("\r", "\n").split("\n"):
        if line.startswith(_ACTION):
            head, text = f"* {nick} ", line[len(_ACTION) :].removesuffix("\x01")
        else:
            head, text = f"<{nick}> " if said.command == "PRIVMSG" else f"-{nick}- ", line
        head = f"[{time} UTC] {head}"
        room = LINE_BYTES - len(Message("NOTICE", (target, head), server).encode())
        while text:
            piece = clip(text, room)
            yield Message("NOTICE", (target, head + piece), server)
            text = text[len(piece) :]
