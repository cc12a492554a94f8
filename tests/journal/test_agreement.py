"""Who differs from the most stops, and where nobody is with the most all are read-only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.journal.agreement import REMEMBERED, Accord, Agreement, Comparison, worst

AGREES, SPLIT, DIFFERS = Accord.AGREES, Accord.SPLIT, Accord.DIFFERS


def looking(own: str, *others: str, live: int | None = None) -> Comparison:
    """Return what node 1 finds: each node has a digest for each place, "." where it told none."""
    agreement = Agreement()
    for place, digest in enumerate(own, 1):
        if digest != ".":
            agreement.found(place, digest.encode())
    for node, told in enumerate(others, 2):
        for place, digest in enumerate(told, 1):
            agreement.told(node, place, b"" if digest == "." else digest.encode())
    return agreement.finding(1, range(1, (live or len(others) + 1) + 1))


@pytest.mark.parametrize(
    ("own", "others", "verdict", "differing"),
    [
        ("a", ("a", "a"), AGREES, ()),
        ("a", ("a", "b"), AGREES, (3,)),
        ("a", ("b", "b"), DIFFERS, (2, 3)),
        ("a", ("b", "c"), SPLIT, (2, 3)),
        ("a", ("b",), SPLIT, (2,)),
        ("a", ("b", "."), AGREES, (2,)),
        ("a", ("a", "b", "b"), SPLIT, (3, 4)),
        ("a", ("b", "b", "b", "."), DIFFERS, (2, 3, 4)),
        ("a", ("a", "a", "b", "c"), AGREES, (4, 5)),
        ("a", (), AGREES, ()),
    ],
)
def test_the_most_decide(
    own: str, others: tuple[str, ...], verdict: Accord, differing: tuple[int, ...]
) -> None:
    found = looking(own, *others)
    assert (found.verdict, found.differing) == (verdict, differing)
    assert found.unknown == tuple(node for node, told in enumerate(others, 2) if told == ".")


def test_the_newest_place_that_both_know_tells() -> None:
    assert looking("aaa", "bba").verdict is AGREES, "it was mended with a copy"
    assert looking("aaa", "ab.").verdict is SPLIT
    assert looking("a..", ".bb").verdict is AGREES, "of this nothing can be compared yet"


def test_others_whose_places_cannot_be_compared_are_taken_for_one_camp() -> None:
    assert looking("aaa", "b..", ".b.").verdict is DIFFERS


def test_only_who_is_live_counts() -> None:
    agreement = Agreement()
    agreement.found(1, b"a")
    for node in (2, 3):
        agreement.told(node, 1, b"b")
    assert agreement.finding(1, [1]) == Comparison(AGREES)


def test_what_is_remembered_is_bounded() -> None:
    agreement = Agreement()
    for place in range(REMEMBERED + 1):
        agreement.found(place, b"a")
        agreement.told(2, place, b"b")
    assert (len(agreement._own), len(agreement._told[2])) == (REMEMBERED, 64)


def test_the_graver_of_two_findings_is_taken() -> None:
    found = worst(Comparison(SPLIT, (3,), (4,)), Comparison(AGREES, (2, 3), (5,)))
    assert found == Comparison(SPLIT, (2, 3), (4,))
    assert worst(Comparison(SPLIT), Comparison(DIFFERS)).verdict is DIFFERS


@given(st.lists(st.sampled_from("ab."), min_size=1, max_size=7))
def test_no_two_camps_go_on(camps: list[str]) -> None:
    """Once all have told, whoever goes on is with the most; and somebody does if there are such."""
    told = [camp for camp in camps if camp != "."] or ["a"]
    on = set()
    for node, own in enumerate(told):
        others = [*told[:node], *told[node + 1 :]]
        verdict = looking(own, *others).verdict
        if verdict is AGREES:
            on.add(own)
        assert (verdict is DIFFERS) == (told.count(own) * 2 < len(told))
    assert len(on) == (0 if len(told) == 2 * told.count("a") else 1)
