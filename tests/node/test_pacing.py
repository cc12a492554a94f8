"""How far apart commits are kept, by what they bring."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hubbub.journal.port import CLOSE_SECONDS
from hubbub.node import pacing
from hubbub.node.pacing import FAR_SECONDS, TIMES, Pacing
from tests.node.node_harness import Node


def learned(learner: Pacing, *commits: tuple[int, int, float]) -> float:
    apart = CLOSE_SECONDS
    for commit in commits:
        apart = learner.learn(*commit)
    return apart


def again(commit: tuple[int, int, float], times: int = 50) -> Sequence[tuple[int, int, float]]:
    return [commit] * times


def test_one_speaker_at_a_time_waits_for_nobody() -> None:
    learner = Pacing()
    assert learned(learner, *again((500, 500, 0.004))) == CLOSE_SECONDS
    # However much of it each commit brings: heard counts the speakers.
    assert learned(learner, *again((500, 500, 0.05))) == CLOSE_SECONDS


def test_speakers_whom_the_same_hear_are_let_come_together() -> None:
    apart = learned(Pacing(), *again((10_000, 500, 0.004)))
    assert abs(apart - TIMES * 0.004) < 0.0001


def test_it_is_never_long() -> None:
    assert learned(Pacing(), *again((10_000, 500, 1.0))) == FAR_SECONDS
    assert learned(Pacing(), *again((10_000, 500, 0.0))) == CLOSE_SECONDS


def test_in_between_it_stays_as_it_is() -> None:
    few, many, between = (1_000, 1_000, 0.004), (3_000, 1_000, 0.004), (1_350, 1_000, 0.004)
    learner = Pacing()
    assert learned(learner, *again(few), *again(between)) == CLOSE_SECONDS
    assert learned(learner, *again(many), *again(between)) > CLOSE_SECONDS
    assert learned(learner, *again(few)) == CLOSE_SECONDS


def test_what_nobody_hears_proves_nothing() -> None:
    learner = Pacing()
    apart = learned(learner, *again((10_000, 500, 0.004)))
    assert learned(learner, *again((0, 0, 0.004))) == pytest.approx(apart, rel=0.01)


@pytest.mark.parametrize(("talking", "apart"), [(1, CLOSE_SECONDS), (4, FAR_SECONDS)])
async def test_a_node_has_its_journal_wait_for_those_who_talk_at_once(
    talking: int, apart: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "TIMES", 1e9)
    node = Node()
    guests = [await node.guest(nick) for nick in ("ann", "bob", "cat", "dot")]
    for guest in guests:
        await guest.ask("JOIN #c")
    for _ in range(8):
        node.journal.hold = True
        for guest in guests[:talking]:
            guest.give("PRIVMSG #c :one", "PRIVMSG #c :two")
        node.journal.hold = False
        node.journal.release()
        await node.quiet()
    assert node.journal.spaced[-1] == apart
