"""What is counted as it happens."""

from __future__ import annotations

from dataclasses import fields

from hubbub.node.monitoring.tally import Tally, Traffic
from tests.node.node_harness import Node


def test_a_tally_begins_with_nothing() -> None:
    tally = Tally()
    assert (tally.messages, tally.not_kept) == (0, 0)
    assert (tally.logins.total(), sum(tally.told.counts)) == (0, 0)


def test_each_figure_is_added_to_its_own() -> None:
    names = [field.name for field in fields(Traffic)]
    ones = Traffic(*range(1, len(names) + 1))
    tens = Traffic(*range(10, 10 * len(names) + 1, 10))
    assert ones + tens == Traffic(*range(11, 11 * len(names) + 1, 11))


async def test_what_went_over_a_connection_is_what_went_over_its_stream() -> None:
    node = Node()
    ann = await node.guest("ann")
    before = Traffic.of(ann.connection)
    ann.give("PING x")
    await node.quiet()
    sent = sum(map(len, ann.stream.sent))
    after = Traffic.of(ann.connection)
    assert after.received - before.received == len("PING x\r\n")
    assert after.sent - before.sent == sent
