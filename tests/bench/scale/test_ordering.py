"""How long people wait: nothing gets lost in the run, nobody waits less than the way takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.bench.scale.capacity import Fleet
from hubbub.bench.scale.costs import Costs
from hubbub.bench.scale.load import Load
from hubbub.bench.scale.ordering import waited

COSTS = Costs()
NEAR = Fleet(3, 2, 8.0, 0.15)
LOAD = Load("ten", 10, 10)


@pytest.mark.parametrize("gather", [0.0, 5.0])
def test_all_that_is_said_is_told_once(gather: float) -> None:
    found = waited(replace(NEAR, gather=gather), LOAD, 5_000, COSTS, messages=1_000)
    assert found.messages == 1_000
    assert 1 <= found.batches <= 1_000


def test_the_same_seed_gives_the_same_run() -> None:
    assert waited(NEAR, LOAD, 5_000, COSTS) == waited(NEAR, LOAD, 5_000, COSTS)
    assert waited(NEAR, LOAD, 5_000, COSTS) != waited(NEAR, LOAD, 5_000, COSTS, seed=2)


def test_nobody_waits_less_than_the_way_takes() -> None:
    far = replace(NEAR, trip=20.0)
    assert waited(far, LOAD, 100, COSTS).p50 > 40


def test_the_more_is_said_the_larger_the_batches() -> None:
    few, many = (waited(NEAR, LOAD, each, COSTS) for each in (500, 50_000))
    assert many.messages / many.batches > few.messages / few.batches
    assert many.p99 > few.p50


def test_batches_further_apart_are_fewer() -> None:
    at_once, gathered = (
        waited(replace(NEAR, gather=each), LOAD, 20_000, COSTS) for each in (0.0, 20.0)
    )
    assert gathered.batches < at_once.batches / 2
    assert gathered.p50 > at_once.p50
