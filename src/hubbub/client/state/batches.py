"""Messages that belong together (IRCv3 batch, draft/multiline)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hubbub.irc.message import Message

OPEN: Final = 50
"""The most batches that may be open; what belongs to further ones stands alone."""
ITEMS: Final = 5000
"""The most messages a batch may hold; further ones are dropped."""
_CONCAT: Final = "draft/multiline-concat"


@dataclass(slots=True)
class Batch:
    """Hold a batch: its kind, its other parameters, the message that began it, what is in it."""

    kind: str
    params: tuple[str, ...]
    opening: Message
    items: list[Message | Batch] = field(default_factory=list)


class Batches:
    """Collect batches until they are whole."""

    def __init__(self) -> None:
        self._open: dict[str, Batch] = {}

    def feed(self, message: Message) -> Message | Batch | None:
        """Return what can be taken up now: the message, a batch that is whole, or nothing yet."""
        if message.command == "BATCH" and message.params and len(message.params[0]) > 1:
            sign, reference = message.params[0][0], message.params[0][1:]
            if sign == "+":
                self._begin(reference, message)
                return None
            return self._put(self._open.pop(reference, None))
        return self._put(message)

    def _begin(self, reference: str, message: Message) -> None:
        if len(self._open) < OPEN and len(message.params) > 1:
            self._open[reference] = Batch(message.params[1], message.params[2:], message)

    def _put(self, item: Message | Batch | None) -> Message | Batch | None:
        if item is None:
            return None
        tags = item.tags if isinstance(item, Message) else item.opening.tags
        parent = self._open.get(tags.get("batch", ""))
        if parent is None:
            return item
        if len(parent.items) < ITEMS:
            parent.items.append(item)
        return None


def join_lines(batch: Batch) -> Message | None:
    """Return a multiline batch as one message, with a "\\n" between its lines, or None if empty."""
    lines = [item for item in batch.items if isinstance(item, Message) and len(item.params) > 1]
    if not lines:
        return None
    first, *rest = lines
    text = first.params[1] + "".join(
        line.params[1] if _CONCAT in line.tags else f"\n{line.params[1]}" for line in rest
    )
    target = batch.params[0] if batch.params else first.params[0]
    source = batch.opening.source or first.source
    return Message(first.command, (target, text), source, {**first.tags, **batch.opening.tags})
