"""What is new, as lines: the conversations, how much of each, and what of it is for oneself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from hubbub.client.events import ChatMessage, MentionsListed, NewIn, WhatIsNew
from hubbub.client.graphemes import shorten
from hubbub.irc.names import is_channel
from hubbub.irc.text import spans, visible

MOST: Final = 1000
"""The most that the server counts: this number is so many or more."""
_SHOWN: Final = 100


def of_news(event: WhatIsNew, direct: bool = True) -> Iterator[str]:
    """Return the lines of a digest, safe to show.

    Without `direct`, what was said directly is left to the conversation itself, which follows.
    """
    if not event.found:
        yield "nothing is new: you have read everything"
        return
    yield "what is new for you:"
    widest = max(len(visible(one.name)) for one in event.found)
    for one in event.found:
        pin = "* " if one.pinned else "  "
        yield f"{pin}{visible(one.name):<{widest}}  {_counts(one)}"
        for said in one.said if direct or is_channel(one.name) else ():
            yield f"    {_opening(said)}"


def of_mentions(event: MentionsListed) -> Iterator[str]:
    """Return the lines of what was meant for one, the newest first, safe to show."""
    if not event.said:
        yield "nothing more was meant for you"
    for said in event.said:
        moment = datetime.fromtimestamp(said.time, UTC)
        yield f"{moment:%Y-%m-%d %H:%M}Z {visible(said.room)} {_opening(said)}"


def _counts(one: NewIn) -> str:
    total = f"{one.unread} or more" if one.unread >= MOST else str(one.unread)
    direct = one.unread == one.mentions
    meant = "" if direct or not one.mentions else f", {one.mentions} for you"
    return f"{total} new{meant}"


def _opening(said: ChatMessage) -> str:
    first, *rest = said.text.split("\n")
    text = "".join(span.text for span in spans(first))
    more = " …" if rest else ""
    return f"<{visible(said.nick)}> {shorten(text, _SHOWN)}{more}"
