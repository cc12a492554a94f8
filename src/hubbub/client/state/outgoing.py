"""Messages of one's own, from typed to confirmed.

A message waits until it may be sent, is in flight until the server confirms it, and is *unsure*
when the connection was lost in between: then history is asked for its nonce before it is sent
again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from hubbub.client.events import Speech
from hubbub.client.graphemes import split_bytes
from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.message import Message

NONCE_TAG: Final = "+hubbub/nonce"
"""The client-only tag by which a message is found again in the history."""
REPLY_TAG: Final = "+draft/reply"
"""The tag that names the message which one answers (IRCv3 reply)."""
Targets = Callable[[str], bool]
"""Says which targets are meant."""
WAITING: Final = 1000
"""The most messages that wait; further ones are refused."""
IN_FLIGHT: Final = 10
"""The most messages that may be unconfirmed at a time; the rest wait."""
_CONCAT: Final = "draft/multiline-concat"
_LEAST_ROOM: Final = 64


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """Hold what a person asked to send; `text` has a "\\n" between its lines.

    `reply_to` is the msgid of the message that it answers, "" for none.
    """

    target: str
    text: str
    speech: Speech = Speech.MESSAGE
    reply_to: str = ""


@dataclass(slots=True)
class OutgoingMessage:
    """Hold one message as the server will keep it, of one or more lines."""

    nonce: str
    target: str
    parts: tuple[tuple[str, bool], ...]
    speech: Speech
    mark: str = ""
    unsure: bool = False
    sent_at: float = 0.0
    reply_to: str = ""

    @property
    def text(self) -> str:
        """Return the text, with a "\\n" between its lines."""
        first, *rest = self.parts
        return first[0] + "".join(text if joined else f"\n{text}" for text, joined in rest)


@dataclass(frozen=True, slots=True)
class Wire:
    """Say what can be sent on this connection.

    `source` is what others see before our messages; `multiline_bytes` and `multiline_lines` are 0
    where draft/multiline was not agreed on.
    """

    source: str
    tags: bool = False
    labels: bool = False
    echo: bool = False
    multiline_bytes: int = 0
    multiline_lines: int = 0

    def text_bytes(self, target: str, speech: Speech) -> int:
        """Return how many bytes of text fit into a line as others will see it."""
        frame = f":{self.source} {command(speech)} {target} :{_dress('', speech)}\r\n"
        return max(_LEAST_ROOM, LINE_BYTES - len(frame.encode()))


def command(speech: Speech) -> str:
    """Return the command that says something in this way."""
    return "NOTICE" if speech is Speech.NOTICE else "PRIVMSG"


def _dress(text: str, speech: Speech) -> str:
    return f"\x01ACTION {text}\x01" if speech is Speech.ACTION else text


@dataclass(slots=True)
class Outgoing:
    """Keep what waits and what is in flight, in order."""

    new_nonce: Callable[[], str]
    waiting: deque[OutgoingText] = field(default_factory=deque)
    flight: dict[str, OutgoingMessage] = field(default_factory=dict)

    def add(self, draft: OutgoingText) -> bool:
        """Let a draft wait for its turn; False when too many are waiting already."""
        if len(self.waiting) >= WAITING:
            return False
        self.waiting.append(draft)
        return True

    def write(self, wire: Wire, ready: Targets, now: float) -> list[Message]:
        """Return the messages to send now, in order; `ready` says whether a target may be sent to.

        What follows a target that is not ready waits too where it is for the same target.
        """
        messages: list[Message] = []
        held: deque[OutgoingText] = deque()
        not_ready: set[str] = set()
        while self.waiting and len(self.flight) < IN_FLIGHT:
            draft = self.waiting.popleft()
            if draft.target in not_ready or not ready(draft.target):
                not_ready.add(draft.target)
                held.append(draft)
                continue
            for unit in units(draft, wire, self.new_nonce):
                self.flight[unit.nonce] = unit
                messages.extend(self.messages(unit, wire, now))
        self.waiting.extendleft(reversed(held))
        return messages

    def messages(self, unit: OutgoingMessage, wire: Wire, now: float) -> list[Message]:
        """Return the lines of one message, and the PING that confirms it where nothing else can."""
        unit.unsure = False
        unit.sent_at = now
        lines = list(_lines(unit, wire))
        if not wire.echo:
            unit.mark = unit.nonce
            lines.append(Message("PING", (unit.mark,)))
        return lines

    def confirm(self, message: Message) -> OutgoingMessage | None:
        """Return the message that an echo confirms, live or in history; no more in flight."""
        for tag in (NONCE_TAG, "label"):
            unit = self.flight.pop(message.tags.get(tag, ""), None)
            if unit is not None:
                return unit
        return None

    def confirm_text(self, target: str, text: str) -> OutgoingMessage | None:
        """Return the oldest message with this target and text; for echoes without tags."""
        for unit in self.flight.values():
            if unit.target == target and not unit.unsure and text == _dress(unit.text, unit.speech):
                return self.flight.pop(unit.nonce)
        return None

    def confirm_mark(self, mark: str) -> OutgoingMessage | None:
        """Return the message whose PING was answered; it is in flight no more."""
        unit = self.flight.get(mark)
        return self.flight.pop(mark) if unit is not None and unit.mark == mark else None

    def fail(self, label: str, target: str) -> OutgoingMessage | None:
        """Return the message with this label, or the oldest to this target; no more in flight."""
        if label in self.flight:
            return self.flight.pop(label)
        for unit in self.flight.values():
            if target and unit.target.lower() == target.lower():
                return self.flight.pop(unit.nonce)
        return None

    def answered(self, label: str) -> None:
        """Take note that the server answered a message and echoes none of it.

        Services do so: what they are told may be a password, so it is not shown either.
        """
        self.flight.pop(label, None)

    def drop(self, targets: Targets) -> list[OutgoingText]:
        """Return the drafts to the targets that are meant; they wait no more."""
        dropped = [draft for draft in self.waiting if targets(draft.target)]
        self.waiting = deque(draft for draft in self.waiting if not targets(draft.target))
        return dropped

    def rename(self, targets: Targets, name: str) -> None:
        """Say elsewhere what is not confirmed yet: the targets that are meant have another name."""
        self.waiting = deque(
            replace(draft, target=name) if targets(draft.target) else draft
            for draft in self.waiting
        )
        for unit in self.flight.values():
            if targets(unit.target):
                unit.target = name

    def lose(self) -> None:
        """Take note that the connection was lost: what is in flight is unsure."""
        for unit in self.flight.values():
            unit.unsure = True

    def unsure(self, targets: Targets) -> list[OutgoingMessage]:
        """Return the unsure messages to the targets that are meant, oldest first."""
        return [unit for unit in self.flight.values() if unit.unsure and targets(unit.target)]

    @property
    def pending(self) -> int:
        """Return how many messages are not confirmed yet."""
        return len(self.waiting) + len(self.flight)


def units(
    draft: OutgoingText, wire: Wire, new_nonce: Callable[[], str]
) -> Iterator[OutgoingMessage]:
    """Split a draft into messages that fit: as few as possible, none through a grapheme."""
    limit = wire.text_bytes(draft.target, draft.speech)
    parts = [
        (piece, position > 0)
        for line in draft.text.split("\n")
        for position, piece in enumerate(split_bytes(line, limit) or [""])
    ]
    if len(parts) > 1 and wire.multiline_lines and draft.speech is Speech.MESSAGE:
        for chunk in _chunks(parts, wire):
            yield OutgoingMessage(
                new_nonce(), draft.target, chunk, draft.speech, reply_to=draft.reply_to
            )
        return
    for piece, _ in parts:
        # Outside a multiline message an empty line cannot be sent.
        if piece:
            yield OutgoingMessage(
                new_nonce(),
                draft.target,
                ((piece, False),),
                draft.speech,
                reply_to=draft.reply_to,
            )


def _chunks(
    parts: Iterable[tuple[str, bool]], wire: Wire
) -> Iterator[tuple[tuple[str, bool], ...]]:
    chunk: list[tuple[str, bool]] = []
    size = 0
    for piece, joined in parts:
        length = len(piece.encode()) + (not joined)
        if chunk and (size + length > wire.multiline_bytes or len(chunk) >= wire.multiline_lines):
            yield from _unless_blank(chunk)
            chunk, size = [], 0
        chunk.append((piece, joined and bool(chunk)))
        size += length
    yield from _unless_blank(chunk)


def _unless_blank(
    chunk: list[tuple[str, bool]],
) -> Iterator[tuple[tuple[str, bool], ...]]:
    # A multiline message of nothing but empty lines is refused.
    if any(piece for piece, _ in chunk):
        yield tuple(chunk)


def _lines(unit: OutgoingMessage, wire: Wire) -> Iterator[Message]:
    name = command(unit.speech)
    tags = _tags(unit, wire)
    if len(unit.parts) == 1:
        text = _dress(unit.parts[0][0], unit.speech)
        yield Message(name, (unit.target, text), tags=tags)
        return
    reference = f"m{unit.nonce[:16]}"
    yield Message("BATCH", (f"+{reference}", "draft/multiline", unit.target), tags=tags)
    for piece, joined in unit.parts:
        line_tags = {"batch": reference}
        if joined:
            line_tags[_CONCAT] = ""
        yield Message(name, (unit.target, piece), tags=line_tags)
    yield Message("BATCH", (f"-{reference}",))


def _tags(unit: OutgoingMessage, wire: Wire) -> dict[str, str]:
    tags: dict[str, str] = {}
    if wire.tags:
        tags[NONCE_TAG] = unit.nonce
        if unit.reply_to:
            tags[REPLY_TAG] = unit.reply_to
    if wire.labels:
        tags["label"] = unit.nonce
    return tags
