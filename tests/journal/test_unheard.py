"""A batch at a time is on its way, and is there until it is heard."""

from __future__ import annotations

import pytest

from hubbub.core.records.entries import Draft, Entry
from hubbub.core.records.nodes import ORDER, NodeLost
from hubbub.journal import unheard
from hubbub.journal.log import DraftBatch, Vouched
from hubbub.journal.unheard import Unheard
from tests.journal.keeper import said


def put(ours: Unheard, *texts: str) -> None:
    for text in texts:
        ours.put(said(text, "#a"))


def sent(batch: DraftBatch | None) -> tuple[int, int, int, list[str]]:
    assert batch is not None
    bodies = [draft.body for draft in batch.drafts]
    return batch.node, batch.epoch, batch.number, [body.text for body in bodies if body is not None]


def test_what_is_asked_for_meanwhile_waits_for_the_next_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unheard, "BATCH", 2)
    ours = Unheard(3, 5)
    assert ours.next() is None
    put(ours, "1")
    first = ours.next()
    assert sent(first) == (3, 5, 1, ["1"])
    put(ours, "2", "3", "4")
    assert (ours.next(), ours.in_flight, ours.waiting) == (None, first, 4)
    assert first is not None
    ours.heard(first)
    assert (ours.waiting, sent(ours.next())) == (3, (3, 5, 2, ["2", "3"]))
    assert ours.waiting == 3


@pytest.mark.parametrize("other", [(4, 5, 1), (3, 4, 1), (3, 5, 7)])
def test_only_the_batch_itself_lets_the_next_one_go(other: tuple[int, int, int]) -> None:
    ours = Unheard(3, 5)
    put(ours, "1")
    assert ours.next() is not None
    ours.heard(DraftBatch(*other, []))
    assert (ours.waiting, ours.is_replaced) == (1, False)


def test_who_hears_a_later_start_of_itself_asks_for_nothing_more() -> None:
    ours = Unheard(3, 5)
    put(ours, "1")
    ours.heard(DraftBatch(3, 6, 1, []))
    assert (ours.is_replaced, ours.next()) == (True, None)


def test_a_heartbeat_is_an_empty_batch_and_says_where_the_node_is() -> None:
    ours, vouched = Unheard(3, 5), Vouched(7, 6, b"chain", 4, b"world")
    assert ours.next(vouched) is None
    ours.beat()
    assert ours.next(vouched) is None, "nothing comes before the epoch begins"
    put(ours, "1")
    first = ours.next()
    assert first is not None
    ours.heard(first)
    assert ours.next(vouched) is None
    ours.beat()
    beat = ours.next(vouched)
    assert beat == DraftBatch(3, 5, 2, [], 7, 6, b"chain", 4, b"world")
    assert beat.vouched == vouched
    ours.heard(beat)
    assert ours.next() is None


def test_what_was_never_sent_can_be_taken_back_and_what_was_sent_cannot() -> None:
    ours = Unheard(3, 5)
    put(ours, "1")
    in_flight = ours.next()
    put(ours, "2", "3")
    assert texts(ours.withdraw()) == ["2", "3"]
    assert (ours.waiting, ours.in_flight) == (1, in_flight)


def test_of_a_lost_epoch_nothing_comes_any_more() -> None:
    ours = Unheard(3, 5)
    put(ours, "1")
    in_flight = ours.next()
    assert in_flight is not None
    put(ours, "2")
    for node, epoch in ((4, 5), (3, 4), (3, 5)):
        assert not ours.is_over
        lost = Entry(9, 0, "m9", NodeLost(ORDER, node, epoch))
        ours.heard(DraftBatch(4, 1, 1, []), [lost, Entry(10, 0, "m10", said("x", "#a").record)])
    ours.heard(in_flight)
    ours.beat()
    assert (ours.is_over, texts(ours.withdraw())) == (True, ["1", "2"])
    assert (ours.waiting, ours.next()) == (0, None)


def texts(drafts: list[Draft]) -> list[str]:
    return [draft.body.text for draft in drafts if draft.body is not None]
