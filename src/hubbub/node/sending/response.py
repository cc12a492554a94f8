"""The answer to one command that carries a label (IRCv3 labeled-response).

Without a label answers go out as they come. With one they are collected until the command is over,
for their number decides how the label is attached: none makes an ACK, one carries the label itself,
several become a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice

from hubbub.core.records.entries import Entry
from hubbub.core.showing.delivery import encode
from hubbub.irc.message import Message
from hubbub.node.sending.segments import REST, Pending

Item = Callable[[dict[str, str]], bytes]
"""Make the lines of an item of an answer, with these tags added to its first message."""
Messages = Iterator[Message | None]


class Response:
    """Collect what answers a labelled command, whose number in its session is `request`.

    `awaited` counts what has yet to come. `place` is where the answer stands in the outbox, where
    that was settled before all of it was there. `is_long` is set where it is made as it is taken.
    """

    __slots__ = ("_items", "awaited", "is_long", "label", "place", "request")

    def __init__(self, label: str, request: int) -> None:
        self.label = label
        self.request = request
        self.awaited = 0
        self.place: Pending | None = None
        self.is_long = False
        self._items: list[Item | Messages] = []

    def add_message(self, message: Message) -> None:
        """Add a message to the answer."""
        self._items.append(lambda tags: with_tags(message, tags))

    def add_entry(self, entry: Entry, caps: int) -> None:
        """Add an entry that the command brought about."""
        self._items.append(lambda tags: encode(entry, caps, tags))

    def add_stream(self, messages: Messages) -> None:
        """Add messages that are made as the answer is taken, where they are more than one."""
        first = list(islice(messages, 2))
        if len(first) < 2:
            for message in first:
                if message is not None:
                    self.add_message(message)
        else:
            self.is_long = True
            self._items.append(chain(first, messages))

    def await_item(self) -> int:
        """Keep a place for something that makes its own lines; return it for `fulfil`."""
        self.awaited += 1
        self._items.append(_nothing)
        return len(self._items) - 1

    def fulfil(self, index: int, item: Item) -> None:
        """Put what was awaited in its place."""
        self.awaited -= 1
        self._items[index] = item

    def chunks(self, server: str, reference: str) -> Iterator[bytes]:
        """Return the whole answer, piece by piece; `reference` names its batch, if it needs one."""
        label = {"label": self.label}
        if not self._items:
            yield with_tags(Message("ACK", (), server), label)
        elif len(self._items) == 1 and not self.is_long:
            yield from _lines(self._items[0], label)
        else:
            opening = Message("BATCH", (f"+{reference}", "labeled-response"), server, label)
            yield opening.encode()
            inner = {"batch": reference}
            for item in self._items:
                yield from _lines(item, inner)
            yield Message("BATCH", (f"-{reference}",), server).encode()


def _lines(item: Item | Messages, tags: dict[str, str]) -> Iterator[bytes]:
    if isinstance(item, Iterator):
        for message in item:
            yield with_tags(message, tags) if message is not None else REST
    else:
        yield item(tags)


def _nothing(tags: dict[str, str]) -> bytes:
    return b""


def with_tags(message: Message, tags: dict[str, str]) -> bytes:
    """Return a message as bytes, with tags added."""
    tagged = Message(message.command, message.params, message.source, {**tags, **message.tags})
    return tagged.encode()
