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
from hubbub.node.outbox import Pending

Item = Callable[[dict[str, str]], bytes]
"""Make the lines of an item of an answer, with these tags added to its first message."""


class Response:
    """Collect what answers a labelled command, whose number in its session is `request`.

    `awaited` counts what has yet to come. `place` is where the answer stands in the outbox, where
    that was settled before all of it was there.
    """

    __slots__ = ("_items", "awaited", "label", "place", "request")

    def __init__(self, label: str, request: int) -> None:
        self.label = label
        self.request = request
        self.awaited = 0
        self.place: Pending | None = None
        self._items: list[Item] = []

    def add_message(self, message: Message) -> None:
        """Add a message to the answer."""
        self._items.append(lambda tags: with_tags(message, tags))

    def add_entry(self, entry: Entry, caps: int) -> None:
        """Add an entry that the command brought about."""
        self._items.append(lambda tags: encode(entry, caps, tags))

    def await_item(self) -> int:
        """Keep a place for something that makes its own lines; return it for `fulfil`."""
        self.awaited += 1
        self._items.append(_nothing)
        return len(self._items) - 1

    def fulfil(self, index: int, item: Item) -> None:
        """Put what was awaited in its place."""
        self.awaited -= 1
        self._items[index] = item

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


def _nothing(tags: dict[str, str]) -> bytes:
    return b""


def with_tags(message: Message, tags: dict[str, str]) -> bytes:
    """Return a message as bytes, with tags added."""
    tagged = Message(message.command, message.params, message.source, {**tags, **message.tags})
    return tagged.encode()
