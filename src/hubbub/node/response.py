"""The answer to one command that carries a label (IRCv3 labeled-response).

Without a label answers go out as they come. With one they are collected until the command is over,
for their number decides how the label is attached: none makes an ACK, one carries the label itself,
several become a batch.
"""

from __future__ import annotations

from collections.abc import Callable

from hubbub.core.delivery import encode
from hubbub.core.records import Entry
from hubbub.irc.message import Message

Item = Callable[[dict[str, str]], bytes]
"""Make the lines of an item of an answer, with these tags added to its first message."""


class Response:
    """Collect what answers a labelled command; `awaited` counts what has yet to come."""

    __slots__ = ("_items", "awaited", "label")

    def __init__(self, label: str) -> None:
        self.label = label
        self.awaited = 0
        self._items: list[Item] = []

    def add_message(self, message: Message) -> None:
        """Add a message to the answer."""
        self._items.append(lambda tags: with_tags(message, tags))

    def add_entry(self, entry: Entry, caps: int) -> None:
        """Add an entry that the command brought about."""
        self._items.append(lambda tags: encode(entry, caps, tags))

    def add_item(self, item: Item) -> None:
        """Add something that makes its own lines."""
        self._items.append(item)

    def encode(self, server: str, reference: str) -> bytes:
        """Return the whole answer; `reference` names its batch, if it needs one."""
        label = {"label": self.label}
        if not self._items:
            return with_tags(Message("ACK", (), server), label)
        if len(self._items) == 1:
            return self._items[0](label)
        opening = Message("BATCH", (f"+{reference}", "labeled-response"), server, label)
        inner = {"batch": reference}
        body = b"".join(item(inner) for item in self._items)
        closing = Message("BATCH", (f"-{reference}",), server)
        return opening.encode() + body + closing.encode()


def with_tags(message: Message, tags: dict[str, str]) -> bytes:
    """Return a message as bytes, with tags added."""
    tagged = Message(message.command, message.params, message.source, {**tags, **message.tags})
    return tagged.encode()
