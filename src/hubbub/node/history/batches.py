"""What is read back, as part of an answer: entries and lines, in a batch if one is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hubbub.core.records.entries import Entry
from hubbub.core.showing.delivery import encode, in_history, is_shown, private_tags
from hubbub.irc import capabilities as cap
from hubbub.irc.fitting import fitted
from hubbub.irc.message import Message
from hubbub.node.connection import Connection
from hubbub.node.sending.response import Item, with_tags
from hubbub.node.sessions import Sessions

CONTEXT_TAG: Final = "draft/chathistory-context"
"""The tag of what belongs to the message before it, and counts for nothing in a page."""
END_TAG: Final = "draft/chathistory-end"
"""The tag of a page beyond which there is nothing more, the way that was asked."""
NO_CONTEXT: Final[Mapping[int, Sequence[Entry]]] = {}
NO_TAGS: Final[Mapping[str, str]] = {}


class BatchWriter:
    """Make items of answers, each batch with a reference of its own (IRCv3 batch)."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._made = 0

    def page(
        self,
        connection: Connection,
        kind: tuple[str, ...],
        entries: Iterable[Entry],
        context: Mapping[int, Sequence[Entry]] = NO_CONTEXT,
        is_last: bool = False,
    ) -> Item:
        """Return entries as one batch; without that capability, as they are.

        `context` has what belongs to an entry, by its seq, and follows it. `is_last` tells that
        there is no more where this page leads (IRCv3 chathistory).
        """
        caps, reader = connection.session.caps, connection.session.user
        entries = [in_history(entry) for entry in entries if is_shown(entry, caps)]
        if not caps & cap.MESSAGE_TAGS:
            reader, is_last = None, False

        def lines(tags: dict[str, str]) -> bytes:
            made = []
            for entry in entries:
                made.append(encode(entry, caps, {**private_tags(entry, reader), **tags}))
                for one in context.get(entry.seq, ()):
                    made.append(encode(one, caps, {CONTEXT_TAG: "", **tags}))
            return b"".join(made)

        opening = {END_TAG: ""} if is_last else {}
        return self._in_batch(kind, lines, opening) if caps & cap.BATCH else lines

    def lines(self, messages: Iterable[Message]) -> Item:
        """Return messages as they are; of a labelled answer they are a batch."""
        return self.together([_line(message) for message in messages])

    def together(self, items: Sequence[Item]) -> Item:
        """Return several items as one; of a labelled answer they are a batch."""

        def plain(tags: dict[str, str]) -> bytes:
            return b"".join(item(tags) for item in items)

        batched = self._in_batch(("labeled-response",), plain)
        return lambda tags: batched(tags) if items and "label" in tags else plain(tags)

    def mixed(
        self, connection: Connection, kind: tuple[str, ...], items: Sequence[Message | Entry]
    ) -> Item:
        """Return messages and entries as one batch; without that capability, as they are."""
        caps = connection.session.caps

        def line(item: Message | Entry, tags: dict[str, str]) -> bytes:
            if isinstance(item, Message):
                if not caps & cap.MESSAGE_TAGS:
                    item = item._replace(tags={})
                return with_tags(fitted(item), tags)
            return encode(in_history(item), caps, tags) if is_shown(item, caps) else b""

        def lines(tags: dict[str, str]) -> bytes:
            return b"".join(line(item, tags) for item in items)

        return self._in_batch(kind, lines) if caps & cap.BATCH else lines

    def of(self, kind: tuple[str, ...], messages: list[Message]) -> Item:
        """Return messages as one batch of their kind."""
        return self._in_batch(
            kind, lambda inner: b"".join(with_tags(message, inner) for message in messages)
        )

    def _in_batch(
        self, kind: tuple[str, ...], lines: Item, about: Mapping[str, str] = NO_TAGS
    ) -> Item:
        self._made += 1
        reference = f"h{self._made:x}"
        server = self._sessions.server

        def item(tags: dict[str, str]) -> bytes:
            opening = Message("BATCH", (f"+{reference}", *kind), server, {**tags, **about})
            outer = {"batch": tags["batch"]} if "batch" in tags else {}
            closing = Message("BATCH", (f"-{reference}",), server, outer)
            return opening.encode() + lines({"batch": reference}) + closing.encode()

        return item


def _line(message: Message) -> Item:
    return lambda tags: with_tags(fitted(message), tags)
