"""Targets are judged against the best of the other servers."""

import pytest

from hubbub.bench.loads.scenarios import SCENARIOS
from hubbub.bench.reporting.metrics import METRICS, TARGETS, Bound, Goal, best_of, judge


def test_every_target_names_a_metric() -> None:
    assert {target.key for target in TARGETS} <= METRICS.keys()


def test_every_metric_has_a_scenario() -> None:
    assert {metric.scenario for metric in METRICS.values()} == SCENARIOS.keys()


def test_the_best_goes_by_the_metric() -> None:
    values = {"ngircd": 2.0, "inspircd": 3.0}
    assert best_of(METRICS["b.plain.rate"], values) == 3.0
    assert best_of(METRICS["b.plain.cpu"], values) == 2.0
    assert best_of(METRICS["b.plain.cpu"], {}) is None


@pytest.mark.parametrize(
    ("target", "own", "reached"),
    [
        (Goal("b.tls.rate", Bound.RATIO, 1.2), 240.0, True),
        (Goal("b.tls.rate", Bound.RATIO, 1.2), 239.0, False),
        (Goal("connect.cpu", Bound.RATIO, 0.8), 80.0, True),
        (Goal("connect.cpu", Bound.RATIO, 0.8), 81.0, False),
        (Goal("latency.tls.p99", Bound.OFFSET, 2.0), 102.0, True),
        (Goal("latency.tls.p99", Bound.OFFSET, 2.0), 102.5, False),
        (Goal("memory.idle", Bound.ABSOLUTE, 20.0), 20.0, True),
        (Goal("memory.idle", Bound.ABSOLUTE, 20.0), 20.1, False),
        (Goal("durable.tls.most", Bound.ABSOLUTE, 50_000.0), 49_999.0, False),
    ],
)
def test_a_target_is_reached_or_not(target: Goal, own: float, reached: bool) -> None:
    assert judge(target, own, {"ngircd": 100.0, "inspircd": 200.0 if _higher(target) else 150.0}) \
        .reached is reached  # fmt: skip


def _higher(target: Goal) -> bool:
    return METRICS[target.key].better.value == "higher"


def test_what_was_not_measured_is_not_reached() -> None:
    target = Goal("b.tls.rate", Bound.RATIO, 1.2)
    assert judge(target, None, {"ngircd": 1.0}).reached is None
    assert judge(target, 1.0, {}).reached is None
    assert judge(Goal("memory.idle", Bound.ABSOLUTE, 20.0), 1.0, {}).reached is True


def test_a_verdict_says_both_values() -> None:
    verdict = judge(Goal("b.tls.rate", Bound.RATIO, 1.2), 3000.0, {"ngircd": 2000.0})
    assert verdict.wanted == "at least 1.2 times the best"
    assert verdict.found == "1.50 times (3,000 to 2,000 /s)"
