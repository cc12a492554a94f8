"""The log on three real servers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import pytest

from hubbub.cluster.jetstream.appending import TWIN
from hubbub.cluster.jetstream.log import JetStreamLog
from hubbub.journal.port import JournalUnusable, LogRoute
from tests.cluster.jetstream.hearers import SECONDS, Hearer
from tests.cluster.servers import SHAPE, Trio

EPOCHS = count(1)
"""Each test is another start of the nodes: the log goes on from one to the next."""


@pytest.fixture
def hearers(trio: Trio) -> Iterator[Callable[..., Hearer]]:
    """Return what makes somebody who hears the log as a node."""
    logs: list[JetStreamLog] = []

    def make(number: int, position: int | None = None) -> Hearer:
        logs.append(trio.log(number))
        return Hearer(logs[-1], position)

    yield make
    for log in logs:
        log.close()


def test_each_node_hears_the_same(hearers: Callable[..., Hearer]) -> None:
    nodes, epoch = [hearers(number) for number in range(3)], next(EPOCHS)
    for batch in range(1, 4):
        for number, node in enumerate(nodes):
            node.say(number, epoch, batch, f"{number} {batch}", "\U0001f600\x00")
        heard = [[node.next() for _ in nodes] for node in nodes]
        assert heard[0] == heard[1] == heard[2]
        assert {ordered.batch.node for ordered in heard[0]} == {0, 1, 2}
    assert nodes[0].log.route is LogRoute.LEADER
    assert {one.name for one in nodes[0].log.standing().servers} == {
        "hubbub-0",
        "hubbub-1",
        "hubbub-2",
    }


def test_who_comes_later_hears_all_since(hearers: Callable[..., Hearer]) -> None:
    first, epoch = hearers(0), next(EPOCHS)
    begin = first.position
    told = [first.say(0, epoch, number, "x" * number) for number in range(1, 2)]
    assert first.next().batch == told[0]
    for number in range(2, 400):
        first.say(0, epoch, number, "x")
        first.next()
    late = hearers(1, begin)
    numbers = [late.next().batch.number for _ in range(1, 400)]
    assert numbers == list(range(1, 400))
    # What comes then is heard as it is ordered.
    first.say(0, epoch, 400, "y")
    assert late.next() == first.next()


def test_who_rests_hears_later_what_came_meanwhile(hearers: Callable[..., Hearer]) -> None:
    node, epoch = hearers(0), next(EPOCHS)
    other = hearers(1)
    node.say(0, epoch, 1, "a")
    node.next()
    other.next()
    other.log.rest()
    for number in range(2, 5):
        node.say(0, epoch, number, "b")
        node.next()
    assert other.heard.empty()
    other.log.hear(other.position, other.heard.put)
    assert [other.next().batch.number for _ in range(3)] == [2, 3, 4]


def test_a_second_process_of_a_node_finds_out(hearers: Callable[..., Hearer]) -> None:
    epoch = next(EPOCHS)
    twins = [hearers(2), hearers(2)]
    for twin in twins:
        twin.say(2, epoch, 1, "I am it")
    # One of them hears the other's where its own would be.
    while not (told := [twin for twin in twins if not twin.broken.empty()]):
        time.sleep(0.01)
    (loser,) = told
    winner = twins[1 - twins.index(loser)]
    assert str(loser.broken.get()) == TWIN
    assert winner.next().batch.epoch == epoch
    assert loser.heard.empty()


def test_the_log_of_another_journal_is_left_alone(
    trio: Trio, hearers: Callable[..., Hearer]
) -> None:
    hearers(0)
    log = trio.log(1, replace(SHAPE, journal="another"))
    with pytest.raises(JournalUnusable, match=r"of another journal \(test-journal, this one is"):
        log.open(0).result(SECONDS)
    log.close()


def test_a_log_that_ends_before_what_was_heard_is_not_followed(
    trio: Trio, hearers: Callable[..., Hearer]
) -> None:
    last = hearers(0).position
    log = trio.log(1)
    with pytest.raises(JournalUnusable, match=r"lost batches .* up to \d+; .*`hubbub cluster rep"):
        log.open(last + 1000).result(SECONDS)
    log.close()


def test_what_was_trimmed_has_to_be_fetched_elsewhere(
    trio: Trio, hearers: Callable[..., Hearer]
) -> None:
    node, epoch = hearers(0), next(EPOCHS)
    for number in range(1, 4):
        node.say(0, epoch, number, "x")
        node.next()
    stamp = node.log.stamp_of(node.position).result(SECONDS)
    assert stamp
    node.log.ask(lambda stream: stream.trim(node.position - 1)).result(SECONDS)
    log = trio.log(1)
    with pytest.raises(JournalUnusable, match=r"begins at position \d+, .* fetch a copy"):
        log.open(1).result(SECONDS)
    log.close()
    # All of the node's is gone, and it goes on.
    node.log.go_on_after(node.position).result(SECONDS)
    node.say(0, epoch, 4, "x")
    assert node.next().batch.number == 4


def test_another_server_leads_when_it_is_asked_for(hearers: Callable[..., Hearer]) -> None:
    node, epoch = hearers(0), next(EPOCHS)
    node.log.step_down().result(SECONDS)
    node.say(0, epoch, 1, "x")
    assert node.next().batch.epoch == epoch


def test_a_full_log_takes_nothing_and_says_so(hearers: Callable[..., Hearer]) -> None:
    node, epoch = hearers(0), next(EPOCHS)
    heavy = "x" * 900_000
    for number in range(1, 200):
        batch = node.say(0, epoch, number, heavy)
        while node.heard.empty() and node.refused.empty():
            time.sleep(0.002)
        if not node.refused.empty():
            assert node.refused.get() == batch
            break
        node.next()
    else:
        pytest.fail("it was never full")
    node.log.go_on_after(node.position).result(SECONDS)
    node.say(0, epoch, 1_000, "room again")
    assert node.next().batch.number == 1_000
