"""Who hears a channel."""

from __future__ import annotations

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Body, Entry
from hubbub.core.records.messages import Said
from hubbub.core.showing.delivery import Delivery
from hubbub.irc import capabilities as cap
from hubbub.node.sending.audience import Audience
from hubbub.node.sending.outbox import Outbox


class Sink:
    def __init__(self) -> None:
        self.sent = b""

    def abort(self) -> None:
        raise AssertionError("nothing is to fail here")

    def send(self, data: bytes) -> bool:
        self.sent += data
        return True

    def read_again(self, seqs: list[int]) -> None:
        raise AssertionError("nobody falls behind here")

    def missed(self, count: int) -> bytes:
        raise AssertionError("nobody falls behind here")

    def caught_up(self) -> None:
        raise AssertionError("nobody falls behind here")


DIRTY: list[Outbox] = []


def box(caps: int) -> tuple[Outbox, Sink]:
    sink = Sink()
    made = Outbox(sink, 1000, 10, DIRTY, sink)
    made.caps = caps
    return made, sink


def delivery() -> Delivery:
    said = Said(Origin(SessionId(0, 1, 1), 1), "a!a@a", "", "PRIVMSG", "#c", None, ("#c",))
    return Delivery(Entry(1, 1_000_000, "id", said, Body("hello")))


def flush() -> None:
    boxes, DIRTY[:] = DIRTY[:], []
    for dirty in boxes:
        dirty.flush()


def test_each_hears_in_the_shape_that_was_negotiated() -> None:
    audience = Audience(DIRTY)
    plain, heard_plain = box(0)
    tagged, heard_tagged = box(cap.MESSAGE_TAGS)
    audience.add(plain)
    audience.add(tagged)
    audience.deliver(delivery(), cap.NONE)
    flush()
    assert heard_plain.sent == b":a!a@a PRIVMSG #c :hello\r\n"
    assert heard_tagged.sent == b"@msgid=id :a!a@a PRIVMSG #c :hello\r\n"


def test_the_skipped_and_those_who_lack_a_capability_hear_nothing() -> None:
    audience = Audience(DIRTY)
    speaker, heard_speaker = box(cap.MESSAGE_TAGS)
    other, heard_other = box(cap.MESSAGE_TAGS)
    old, heard_old = box(0)
    for each in (speaker, other, old):
        audience.add(each)
    audience.deliver(delivery(), cap.MESSAGE_TAGS, (speaker,))
    flush()
    assert (heard_speaker.sent, heard_old.sent) == (b"", b"")
    assert heard_other.sent


def test_one_encoding_is_shared() -> None:
    audience = Audience(DIRTY)
    boxes = [box(cap.SERVER_TIME)[0] for _ in range(3)]
    for each in boxes:
        audience.add(each)
    audience.deliver(delivery(), cap.NONE)
    assert len({id(each.parts[0]) for each in boxes}) == 1
    flush()


def test_an_audience_without_outboxes_is_empty() -> None:
    audience = Audience(DIRTY)
    assert not audience
    member, sink = box(0)
    audience.add(member)
    assert audience
    audience.discard(member)
    audience.discard(member)
    assert not audience
    audience.deliver(delivery(), cap.NONE)
    flush()
    assert sink.sent == b""
