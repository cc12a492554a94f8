"""The same batches give the same entries, wherever one goes on from; none counts twice."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.records.entries import Draft, Entry
from hubbub.core.records.nodes import NodeLost, NodeStopped
from hubbub.journal.log import DraftBatch, Ordered
from hubbub.journal.msgid import MsgidKey
from hubbub.journal.names import histories_of
from hubbub.journal.sequencer import OrderState, Sequencer
from tests.journal.keeper import ORIGIN, kept, said

NOW = 1_700_000_000_000_000
KEY = MsgidKey(bytes(16))
NEW = OrderState()


def after(position: int, batch: DraftBatch, stamp: int = NOW) -> Ordered:
    return Ordered(position, stamp, batch, hashlib.sha256(repr(batch.place).encode()).digest())


def batch(node: int, epoch: int, number: int, *texts: str) -> DraftBatch:
    return DraftBatch(node, epoch, number, [said(text, "#a") for text in texts])


def heard(sequencer: Sequencer, *batches: DraftBatch) -> list[str]:
    """Return what was said in those of these batches that counted."""
    first = sequencer.position + 1
    entries = [
        entry
        for position, each in enumerate(batches, first)
        for entry in sequencer.sequence(after(position, each))
    ]
    return [entry.body.text for entry in entries if entry.body is not None]


def test_a_place_is_a_seq_a_time_and_a_msgid() -> None:
    drafts = [said("x", "#a"), said("y", "#a"), kept("#b")]
    entries = Sequencer(KEY, OrderState(seq=7)).sequence(after(1, DraftBatch(1, 1, 1, drafts)))
    assert [(e.seq, e.time, e.lead) for e in entries] == [
        (8, NOW, 0),
        (9, NOW + 1_000, 1_000),
        (10, NOW, 0),
    ]
    assert [KEY.decode(entry.msgid) for entry in entries] == [8, 9, 10]
    assert [(e.record, e.body) for e in entries] == [(d.record, d.body) for d in drafts]


def test_what_was_taken_back_has_its_seq_given_again_at_a_later_time() -> None:
    sequencer = Sequencer(KEY, NEW)
    (lost,) = sequencer.sequence(after(1, batch(0, 0, 1, "lost")))
    sequencer.take_back([lost])
    (again,) = sequencer.sequence(after(2, batch(0, 0, 2, "kept")))
    assert (again.seq, again.time) == (lost.seq, lost.time + 1_000)


def test_a_batch_counts_once_however_often_it_is_in_the_log() -> None:
    first, second = batch(1, 1, 1, "1"), batch(1, 1, 2, "2")
    assert heard(Sequencer(KEY, NEW), first, first, second, first, second) == ["1", "2"]


def test_what_is_heard_again_counts_once() -> None:
    sequencer = Sequencer(KEY, NEW)
    assert len(sequencer.sequence(after(5, batch(1, 1, 1, "1")))) == 1
    for position in (5, 3):
        assert sequencer.sequence(after(position, batch(2, 1, 1, "x"))) == []
    assert (sequencer.position, sequencer.last_seq) == (5, 1)


def test_who_was_replaced_is_not_heard_any_more() -> None:
    """A stopped process that goes on has a data directory, a connection and drafts as before."""
    said_by = (batch(1, 1, 1, "old"), batch(1, 2, 1, "new"), batch(1, 1, 2, "zombie"))
    assert heard(Sequencer(KEY, NEW), *said_by, batch(2, 1, 1, "other")) == ["old", "new", "other"]


SECOND = 1_000_000


def losses(*flow: tuple[int, DraftBatch]) -> list[tuple[int, int, int]]:
    """Return who is lost of those whose batches come so many seconds apart, and at which seq."""
    sequencer, stamp, found = Sequencer(KEY, NEW), NOW, []
    for seconds, each in flow:
        stamp += seconds * SECOND
        for entry in sequencer.sequence(after(sequencer.position + 1, each, stamp)):
            if isinstance(entry.record, NodeLost):
                found.append((entry.record.node, entry.record.epoch, entry.seq))
    return found


def beats(node: int, epoch: int, count: int) -> list[DraftBatch]:
    return [DraftBatch(node, epoch, number, []) for number in range(1, count + 1)]


def test_who_is_silent_while_others_are_there_is_lost() -> None:
    """At the same place for all, before what is in the batch by which it shows."""
    others = [*beats(2, 1, 7), batch(2, 1, 8, "x")]
    flow = [(0, batch(1, 4, 1, "1")), *((2, each) for each in others)]
    assert losses(*flow) == [(1, 4, 2)]
    assert losses(*flow[:-1]) == []


def test_a_log_that_stood_still_or_leapt_loses_nobody() -> None:
    first, second = beats(1, 1, 9), beats(2, 1, 9)
    flow = [(3_600, each) for pair in zip(first, second, strict=True) for each in pair]
    assert losses(*flow) == []
    back = [(-3_600, first[0]), (3_600, second[0]), (-3_600, second[1]), (1, first[1])]
    assert losses(*back) == []


def test_who_stopped_is_not_lost_as_well() -> None:
    stop = DraftBatch(1, 1, 2, [Draft(NodeStopped(ORIGIN))])
    flow = [(1, beats(1, 1, 1)[0]), (1, stop), *((2, each) for each in beats(2, 1, 20))]
    assert losses(*flow) == []


def test_of_a_lost_epoch_nothing_counts_and_the_next_one_does() -> None:
    sequencer, stamp = Sequencer(KEY, NEW), NOW
    late = [batch(1, 1, 2, "late"), batch(1, 2, 1, "new"), batch(1, 1, 3, "later")]
    found = []
    for each in [batch(1, 1, 1, "1"), *beats(2, 1, 8), *late]:
        stamp += 2 * SECOND
        entries = sequencer.sequence(after(sequencer.position + 1, each, stamp))
        found += [entry.body.text for entry in entries if entry.body is not None]
    assert found == ["1", "new"]
    assert [sequencer.is_over(1, epoch) for epoch in (1, 2, 3)] == [True, False, False]
    assert (sequencer.state.next_epoch(1), sequencer.state.next_epoch(9)) == (3, 1)


def test_the_chain_is_of_all_that_was_heard_where_it_was() -> None:
    def chain(*payloads: tuple[int, bytes]) -> bytes:
        sequencer = Sequencer(KEY, NEW)
        for position, digest in payloads:
            sequencer.sequence(Ordered(position, NOW, batch(1, 1, 1, "x"), digest))
        return sequencer.chain

    one, other = (1, b"1" * 32), (2, b"2" * 32)
    assert chain(one, other, one) == chain(one, other)
    chains = {chain(), chain(one), chain(one, other), chain(one, (3, b"2" * 32)), chain(other)}
    assert len(chains) == 5
    assert chain((1, b"")) == b"", "what the log did not carry is in no chain"


BATCHES = st.builds(
    DraftBatch,
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(1, 4),
    st.lists(st.sampled_from([said("x", "#a"), said("x", "#b", "#c"), kept("#x")]), max_size=4),
)
LEAPS = (0, 1, 500, 10**6, -(10**7), 10**9, 10**7)
FLOWS = st.lists(
    st.tuples(BATCHES, st.integers(0, 2), st.sampled_from(LEAPS)),
    max_size=24,
)


def ordered(flow: Sequence[tuple[DraftBatch, int, int]]) -> list[Ordered]:
    """Return batches in places that are heard again (0) or leave gaps, with stamps that leap."""
    position, stamp, found = 0, NOW, []
    for each, step, leap in flow:
        position, stamp = position + step, stamp + leap
        found.append(after(position, each, stamp))
    return found


@given(FLOWS)
def test_going_on_from_any_state_gives_what_would_have_come(
    flow: list[tuple[DraftBatch, int, int]],
) -> None:
    """The state goes through the text in which it is kept."""
    batches = ordered(flow)
    whole, states, entries = Sequencer(KEY, NEW), list[bytes](), list[Entry]()
    for each in batches:
        states.append(msgspec.json.encode(whole.state))
        entries += whole.sequence(each)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    for at, text in enumerate(states):
        state = msgspec.json.decode(text, type=OrderState)
        other = Sequencer(KEY, state)
        rest = [entry for each in batches[at:] for entry in other.sequence(each)]
        assert rest == entries[state.seq :]
        assert other.state == whole.state


@given(FLOWS)
def test_times_rise_in_each_history_and_readings_over_all(
    flow: list[tuple[DraftBatch, int, int]],
) -> None:
    sequencer, last, clock = Sequencer(KEY, NEW), dict[str, int](), 0
    for each in ordered(flow):
        for entry in sequencer.sequence(each):
            assert entry.clock >= clock
            clock = entry.clock
            for history in histories_of(entry.record):
                assert entry.time // 1000 > last.get(history, 0)
                last[history] = entry.time // 1000


def drafts(count: int) -> list[Draft]:
    return [said(str(number), "#a") for number in range(count)]


def test_a_placed_draft_takes_nothing() -> None:
    sequencer = Sequencer(KEY, NEW)
    assert sequencer.place([], NOW) == []
    (first,) = sequencer.place(drafts(1), NOW)
    (second,) = sequencer.place(drafts(1), NOW)
    assert first.seq == second.seq == 1
