"""The checker finds each kind of wrong when it is planted, and nothing in a run that is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.jepsen.checker import CHECKS, silence, violations
from tests.jepsen.operations import Claim, Line, Operation, Outcome, Record, Watch

NODES = (1, 2, 3)


def right() -> Record:
    """Return a run in which ten things were said, one refused, one unknown, and all is well."""
    lines = [Line(f"m{n}", f"t{n:02}", "ann", f"text {n}") for n in range(10)]
    operations = [
        Operation("ann", 1, "#c", line.text, n, n + 0.5, Outcome.OK, line.msgid, line.time)
        for n, line in enumerate(lines)
    ]
    operations[4].outcome = Outcome.INFO
    operations.append(Operation("ann", 1, "#c", "refused", 20, 21, Outcome.FAIL))
    operations.append(Operation("ann", 1, "#c", "unknown", 22, 23))
    return Record(
        operations,
        [Watch("bob", 2, "#c", lines[2:8])],
        [[Claim("nick", node, node == 2) for node in NODES]],
        {node: {"#c": list(lines)} for node in NODES},
        {node: [] for node in NODES},
        dict.fromkeys(NODES, "same"),
    )


def without_acknowledged(record: Record) -> None:
    for node in NODES:
        del record.histories[node]["#c"][9]


def with_another_time(record: Record) -> None:
    for node in NODES:
        record.histories[node]["#c"][9] = Line("m9", "other", "ann", "text 9")


def said_twice(record: Record) -> None:
    for node in NODES:
        record.histories[node]["#c"].append(Line("m10", "t10", "ann", "text 9"))


def refused_but_kept(record: Record) -> None:
    for node in NODES:
        record.histories[node]["#c"].append(Line("m10", "t10", "ann", "refused"))


def one_node_differs(record: Record) -> None:
    record.histories[3]["#c"].append(Line("m10", "t10", "ann", "unknown"))


def worlds_differ(record: Record) -> None:
    record.digests[3] = "other"


def exchanged(record: Record) -> None:
    for node in NODES:
        lines = record.histories[node]["#c"]
        lines[8], lines[9] = lines[9], lines[8]


def shown_a_hole(record: Record) -> None:
    del record.watches[0].shown[2]


def shown_backwards(record: Record) -> None:
    record.watches[0].shown.reverse()


def shown_what_is_not_kept(record: Record) -> None:
    record.watches[0].shown.append(Line("m99", "t99", "ann", "never"))


def two_winners(record: Record) -> None:
    record.claims[0][0].is_won = True


def a_ghost(record: Record) -> None:
    record.users[2] = ["ann"]


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (without_acknowledged, "lost"),
        (with_another_time, "lost"),
        (said_twice, "twice"),
        (refused_but_kept, "kept though refused"),
        (one_node_differs, "differing"),
        (worlds_differ, "differing"),
        (exchanged, "out of order"),
        (shown_a_hole, "shown otherwise"),
        (shown_backwards, "shown otherwise"),
        (shown_what_is_not_kept, "shown otherwise"),
        (two_winners, "several winners"),
        (a_ghost, "ghosts"),
    ],
)
def test_what_is_planted_is_found(plant: Callable[[Record], None], kind: str) -> None:
    record = right()
    plant(record)
    assert kind in {each.split(":")[0] for each in violations(record)}


def test_nothing_is_found_where_all_is_well() -> None:
    assert violations(right()) == []


def test_each_check_has_a_plant() -> None:
    record = right()
    for plant in (without_acknowledged, said_twice, refused_but_kept, one_node_differs):
        plant(record)
    assert set(CHECKS) >= {each.split(":")[0] for each in violations(record)}


def test_a_gap_that_was_told_of_is_no_hole() -> None:
    record = right()
    shown_a_hole(record)
    record.watches[0].had_gap = True
    assert violations(record) == []


def test_silence_is_the_longest_time_without_an_acknowledgement() -> None:
    done = [
        Operation("ann", 1, "#c", "x", end - 0.1, end, Outcome.OK) for end in (1.0, 1.5, 4.0, 4.5)
    ]
    refused = replace(done[0], ended=2.5, outcome=Outcome.FAIL)
    assert silence([*done, refused], 1.0, 5.0) == pytest.approx(2.5)
