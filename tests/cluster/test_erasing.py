"""What was erased leaves the order: soon where all are there, after a while where one is away."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.cluster.erasing import (
    TURN_SECONDS,
    WAIT_SECONDS,
    WINDOWS,
    BatchPlaces,
    OrderErasing,
)


class Order:
    """Play the order, its members, and a clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.durable = {0: 100, 1: 100, 2: 100}
        self.turn = 0
        self.newest = 50
        self.now = 1_000.0
        self.asked: list[tuple[Sequence[range], int]] = []
        self.future: Future[None] = Future()
        self.erasing = OrderErasing(
            self.durable.__getitem__,
            lambda: self.durable,
            lambda: self.turn,
            self._erase,
            lambda: self.newest,
            lambda: self.now,
        )
        for position in range(10, 51, 10):
            self.erasing.places.note(position, position * 2)

    def _erase(self, windows: Sequence[range], upto: int) -> Future[None]:
        self.asked.append((windows, upto))
        self.future = Future()
        return self.future

    def look(self, later: float = 0.0) -> None:
        """Look after some time."""
        self.now += later
        self.erasing.look()


@pytest.fixture
def order() -> Order:
    return Order()


def test_where_all_have_it_it_goes_at_once(order: Order) -> None:
    order.erasing.erased((45, 61))
    order.look()
    assert order.asked == [([range(21, 31), range(31, 41)], 40)]
    order.future.set_result(None)
    order.look(1_000)
    assert len(order.asked) == 1


def test_who_is_behind_is_waited_for_and_not_for_ever(order: Order) -> None:
    order.durable[1] = 20
    order.erasing.erased((45,))
    order.look(WAIT_SECONDS - 1)
    assert not order.asked
    order.look(2)
    assert order.asked == [([range(21, 31)], 30)]


def test_who_comes_to_it_is_waited_for_no_longer(order: Order) -> None:
    order.durable[1] = 20
    order.erasing.erased((45,))
    order.look()
    order.durable[1] = 30
    order.look()
    assert len(order.asked) == 1


def test_each_member_does_it_later_than_the_one_before(order: Order) -> None:
    order.turn = 2
    order.erasing.erased((45,))
    order.look(2 * TURN_SECONDS - 1)
    assert not order.asked
    order.look(2)
    assert len(order.asked) == 1


def test_what_fails_is_tried_again_with_what_came_meanwhile(order: Order) -> None:
    order.erasing.erased((45,))
    order.look()
    order.erasing.erased((61,))
    order.look()
    assert len(order.asked) == 1
    order.future.set_exception(OSError("no servers"))
    order.look()
    assert order.asked[1] == ([range(21, 31), range(31, 41)], 40)


def test_what_an_edit_replaced_goes_and_with_a_message_its_edits(order: Order) -> None:
    order.erasing.revised(45, 90, keeps=False)
    assert order.erasing.waiting == 1
    order.erasing.revised(45, 95, keeps=True)
    assert order.erasing.waiting == 1
    order.erasing.erased((45,))
    order.look()
    (windows, upto), *_ = order.asked
    assert [each.start for each in windows] == [21, 21, 41, 41]
    assert upto == 50


def test_all_up_to_a_seq_is_all_from_the_first_position(order: Order) -> None:
    order.erasing.erased((), 61)
    order.look()
    assert order.asked == [([range(1, 41)], 40)]


def test_too_many_stretches_become_one(order: Order) -> None:
    order.erasing.erased(range(30, 31 + WINDOWS))
    assert order.erasing.waiting == 1
    order.look()
    (windows, _), *_ = order.asked
    assert list(windows) == [range(11, 51)]


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), max_size=30),
    st.integers(1, 2_000),
)
def test_an_entry_is_always_where_it_is_looked_for(steps: list[tuple[int, int]], seq: int) -> None:
    places, batches = BatchPlaces(), {}
    position = last = 0
    for apart, entries in steps:
        for _ in range(apart):
            position += 1
            for _ in range(entries):
                last += 1
                batches[last] = position
        places.note(position, last)
    if seq in batches:
        assert batches[seq] in places.of(seq, position)
