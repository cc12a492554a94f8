"""What so many machines carry: more of anything never carries less, and the full part is named."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.bench.scale.capacity import FULL, MOST, Fleet, batches, best, carried, use
from hubbub.bench.scale.costs import Costs
from hubbub.bench.scale.load import LOADS, Load

COSTS = Costs()
CLUSTERS = st.builds(
    Fleet,
    machines=st.sampled_from((1, 3, 5, 9)),
    cores=st.sampled_from((2, 8, 32)),
    gigabytes=st.sampled_from((2.0, 8.0, 128.0)),
    trip=st.floats(0.05, 3.0),
    processes=st.integers(1, 4),
    logs=st.sampled_from((1, 4)),
    placed=st.booleans(),
    gather=st.sampled_from((0.0, 5.0, 20.0)),
)


@given(CLUSTERS, st.sampled_from(LOADS), st.integers(1, MOST))
@settings(max_examples=60)
def test_a_part_is_never_emptier_with_more_people(
    cluster: Fleet, load: Load, sessions: int
) -> None:
    fewer, more = (use(cluster, load, each, COSTS).parts for each in (sessions, sessions * 2))
    # The log's share of a batch falls where many come at once: it alone may.
    assert all(more[part] >= fewer[part] * 0.99 for part in fewer if "log" not in part)


@given(CLUSTERS, st.sampled_from(LOADS))
@settings(max_examples=60)
def test_what_is_carried_is_the_edge(cluster: Fleet, load: Load) -> None:
    most = carried(cluster, load, COSTS)
    assert not use(cluster, load, most.sessions, COSTS).is_too_much
    if most.sessions < MOST * 0.998:
        beyond = use(cluster, load, most.sessions + max(2, most.sessions // 500), COSTS)
        assert beyond.is_too_much
        assert beyond.parts[most.fullest] > FULL * 0.99


def test_half_the_cost_carries_more() -> None:
    cluster = Fleet(3, 8, 128.0, 0.15)
    cheaper = replace(COSTS, written=COSTS.written / 2, heard=COSTS.heard / 2)
    assert best(cluster, LOADS[1], cheaper).sessions > best(cluster, LOADS[1], COSTS).sessions * 1.2


def test_people_led_to_their_channels_are_carried_further() -> None:
    one = Fleet(9, 8, 32.0, 0.15)
    several = replace(one, logs=4)
    placed = replace(several, placed=True)
    of_one, of_several, of_placed = (
        best(each, LOADS[2], COSTS).sessions for each in (one, several, placed)
    )
    # Where everybody may be anywhere each node hears all the same.
    assert of_several == of_one
    assert of_placed > of_one * 2


def test_one_node_orders_no_batches() -> None:
    assert batches(Fleet(1, 2, 8.0, 0.15), 1_000, COSTS) == 0


def test_a_silent_cluster_still_beats() -> None:
    assert batches(Fleet(3, 2, 8.0, 0.15), 0, COSTS) == 1.5
