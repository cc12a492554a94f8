"""What the order lets go of: what every archive has, a day later; who is away holds it up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.cluster.trimming import (
    ABSENT_SECONDS,
    KEPT_SECONDS,
    SAMPLES,
    Progress,
    Trimming,
    Watched,
)
from hubbub.journal.log import DraftBatch, Ordered
from hubbub.journal.port import JournalBroken, JournalFull, Route

SECOND = 1_000_000
START = 1_700_000_000 * SECOND
DAY = KEPT_SECONDS * SECOND


class Order:
    """Let nodes be heard, a position each."""

    def __init__(self) -> None:
        self.progress = Progress(START)
        self.now, self.position = START, 0

    def heard(self, node: int, durable: int, seconds: int = 60) -> None:
        """Let a node say, some time later, how far its archive is."""
        self.now += seconds * SECOND
        self.position += 1
        batch = DraftBatch(node, 1, self.position, (), applied=durable)
        self.progress.note(Ordered(self.position, self.now, batch))

    def covered(self, *members: int, later: int = 0) -> int:
        """Return what may go, so many microseconds later."""
        return self.progress.covered(members, self.now + later)


@pytest.fixture
def order() -> Order:
    return Order()


def test_nothing_goes_before_it_is_a_day_old(order: Order) -> None:
    for _ in range(3):
        order.heard(0, 100)
    assert order.covered(0) == 0
    assert order.covered(0, later=DAY - 60 * SECOND) == 2
    assert order.covered(0, later=DAY) == 3


def test_the_archive_that_is_furthest_behind_decides(order: Order) -> None:
    for durable in (5, 6):
        order.heard(0, durable)
        order.heard(1, 2)
        order.heard(2, 9)
    assert order.covered(0, 1, 2, later=DAY) == 2
    # Who is no member any more holds nothing up.
    assert order.covered(0, 2, later=DAY) == 6


def test_who_is_away_holds_it_up_for_three_days(order: Order) -> None:
    order.heard(0, 1)
    order.heard(1, 1)
    days = ABSENT_SECONDS // KEPT_SECONDS
    for _ in range(days * 24):
        order.heard(0, order.position, 3_600)
    assert order.covered(0, 1, later=-SECOND) == 1
    order.heard(0, order.position)
    assert order.covered(0, 1) > 2 * 24 - 2


def test_who_was_not_heard_since_the_start_may_have_been_right_before(order: Order) -> None:
    for _ in range(24 * 3):
        order.heard(0, order.position, 3_600)
    assert order.covered(0, 1, later=-SECOND) == 0
    order.heard(0, order.position)
    assert order.covered(0, 1) > 0


def test_one_that_came_back_with_less_says_so_in_vain(order: Order) -> None:
    """A batch of before that comes late does not take back what is on a disk."""
    order.heard(0, 5)
    order.heard(0, 3)
    for _ in range(5):
        order.heard(1, 9)
    assert order.covered(0, 1, later=DAY) == 5


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40_000), st.integers(0, 50))))
def test_what_goes_is_old_and_everywhere(steps: list[tuple[int, int, int]]) -> None:
    order, times = Order(), dict[int, int]()
    durable, last = dict[int, int](), dict[int, int]()
    for node, seconds, behind in steps:
        durable[node] = max(durable.get(node, 0), order.position + 1 - behind)
        order.heard(node, durable[node], seconds)
        times[order.position] = last[node] = order.now
        upto = order.covered(*durable)
        assert upto == 0 or times[upto] <= order.now - DAY
        there = [n for n in durable if order.now - last[n] < ABSENT_SECONDS * SECOND]
        assert all(upto <= durable[n] for n in there)


def test_what_is_remembered_is_bounded(order: Order) -> None:
    for _ in range(SAMPLES + 10):
        order.heard(0, order.position)
    assert len(order.progress._sampled) == SAMPLES


class Log:
    """Hear what it is told to, and note what is trimmed."""

    def __init__(self) -> None:
        self.trimmed: list[int] = []
        self.batches: list[DraftBatch] = []
        self.route = Route.LEADER

    def append(self, batch: DraftBatch) -> None:
        self.batches.append(batch)

    def hear(self, position: int, take: object) -> None:
        assert callable(take)
        take(Ordered(position + 1, START, self.batches[0]))

    def report(self, refused: object, broken: object) -> None:
        self.reports = refused, broken

    def rest(self) -> None:
        self.trimmed.append(0)

    def trim(self, upto: int) -> None:
        self.trimmed.append(upto)


def test_what_is_heard_is_noted_first() -> None:
    log, seen = Log(), list[str]()
    watched = Watched(log, lambda ordered: seen.append(f"noted {ordered.position}"))
    watched.append(DraftBatch(0, 1, 1, ()))
    watched.hear(4, lambda ordered: seen.append(f"taken {ordered.position}"))
    watched.rest()
    watched.trim(3)
    watched.report(_refused, _broken)
    assert seen == ["noted 5", "taken 5"]
    assert (log.trimmed, log.reports) == ([0, 3], (_refused, _broken))


def _refused(batch: DraftBatch, error: JournalFull) -> None:
    """Be told of nothing."""


def _broken(error: JournalBroken) -> None:
    """Be told of nothing."""


def test_one_node_trims_and_says_each_place_once(order: Order) -> None:
    log, ours = Log(), [False]
    looks = Trimming(
        order.progress, lambda: (0,), lambda: ours[0], log.trim, lambda: order.now + DAY
    )
    order.heard(0, 1)
    assert looks.look() == 0
    ours[0] = True
    assert [looks.look(), looks.look()] == [1, 1]
    order.heard(0, 2)
    looks.look()
    assert log.trimmed == [1, 2]
