"""What is measured, in which unit, and what Hubbub has to reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

DOORS: Final = ("plain", "tls")
LOADS: Final = {
    "a": "500 members, 1 sender",
    "b": "500 members, 20 senders",
    "c": "50 channels of 10, 50 senders",
}


class Better(Enum):
    """Which way a value should go."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value: its key, what it is, its unit, and how many decimals to show."""

    key: str
    title: str
    unit: str
    better: Better
    decimals: int = 2

    @property
    def scenario(self) -> str:
        """Return the name of the scenario that measures it."""
        first, second, *_ = self.key.split(".")
        return f"{first}-{second}" if second in DOORS else first

    def show(self, value: float) -> str:
        """Return the value as text, without the unit."""
        return f"{value:,.{self.decimals}f}"


class Bound(Enum):
    """How a target is meant."""

    RATIO = "times the best"
    OFFSET = "more than the best"
    ABSOLUTE = "absolute"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a metric of Hubbub has to reach, in terms of the best of the other servers."""

    key: str
    bound: Bound
    limit: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a target was reached: what was wanted, what there was; None if not measured."""

    metric: Figure
    wanted: str
    found: str
    reached: bool | None


def _door(door: str) -> str:
    return "TLS" if door == "tls" else "plain"


def _load_metrics() -> list[Figure]:
    metrics: list[Figure] = []
    for load, title in LOADS.items():
        for door in DOORS:
            key, name = f"{load}.{door}", f"({load}) {title}, {_door(door)}"
            metrics += [
                Figure(f"{key}.rate", f"{name}: deliveries", "/s", Better.HIGHER, 0),
                Figure(f"{key}.cpu", f"{name}: CPU per delivery", "µs", Better.LOWER),
                Figure(f"{key}.driver", f"{name}: CPUs used by the driver", "", Better.NEITHER),
            ]
    return metrics


def _delay_metrics(key: str, name: str) -> list[Figure]:
    return [
        Figure(f"{key}.p50", f"{name}: p50", "ms", Better.LOWER),
        Figure(f"{key}.p99", f"{name}: p99", "ms", Better.LOWER),
        Figure(f"{key}.max", f"{name}: max", "ms", Better.LOWER),
    ]


def _other_metrics() -> list[Figure]:
    metrics: list[Figure] = []
    for door in DOORS:
        name = f"100 messages/s to 500 members, {_door(door)}"
        metrics += _delay_metrics(f"latency.{door}", name)
    metrics += [
        Figure("connect.handshake", "TLS connect: CPU of the handshake", "ms", Better.LOWER, 3),
        Figure("connect.cpu", "TLS connect and registration: CPU", "ms", Better.LOWER, 3),
        Figure("memory.idle", "Memory per idle TLS client", "kB", Better.LOWER, 1),
        Figure("rejoin.time", "1,000 clients rejoin over TLS: until all are in", "s", Better.LOWER),
        Figure("rejoin.start", "of that: until the door was open again", "s", Better.LOWER),
        Figure("rejoin.cpu", "1,000 clients rejoin over TLS: CPU", "s", Better.LOWER),
        Figure("start.empty", "Start until its doors are open: CPU", "s", Better.LOWER),
        Figure("start.full", "The same with 400,000 messages kept: CPU", "s", Better.LOWER),
    ]
    metrics += [
        Figure("ssh.exchange", "SSH: CPU of a key exchange", "ms", Better.LOWER, 3),
        Figure("ssh.login", "SSH: CPU of a login, beyond that", "ms", Better.LOWER, 3),
        Figure("ssh.idle", "Memory per idle SSH terminal", "kB", Better.LOWER, 1),
        Figure("ssh.one", "300 SSH terminals, 1 sender: CPU per delivery", "µs", Better.LOWER),
        Figure("ssh.many", "300 SSH terminals, 20 senders: CPU per delivery", "µs", Better.LOWER),
    ]
    metrics += _delay_metrics("vanish", "4,000 clients vanish beside a conversation")
    metrics += _delay_metrics("insider", "The worst insiders beside a conversation")
    for door in DOORS:
        name = f"50 senders, rooms of 10, {_door(door)}"
        metrics += [
            Figure(f"durable.{door}.fixed", f"{name}, fixed rate: sent", "msg/s", Better.HIGHER, 0),
            *_delay_metrics(f"durable.{door}", f"{name}, fixed rate"),
            Figure(f"durable.{door}.most", f"{name}, at most", "msg/s", Better.HIGHER, 0),
        ]
    return metrics


METRICS: Final[dict[str, Figure]] = {
    metric.key: metric for metric in (*_load_metrics(), *_other_metrics())
}

TARGETS: Final = (
    Goal("a.plain.cpu", Bound.RATIO, 1.0),
    Goal("a.tls.cpu", Bound.RATIO, 1.15),
    Goal("b.plain.rate", Bound.RATIO, 1.0),
    Goal("b.tls.rate", Bound.RATIO, 1.0),
    Goal("c.plain.cpu", Bound.RATIO, 1.2),
    Goal("c.tls.cpu", Bound.RATIO, 1.4),
    Goal("latency.plain.p99", Bound.OFFSET, 1.0),
    Goal("latency.tls.p99", Bound.OFFSET, 1.0),
    Goal("connect.handshake", Bound.RATIO, 0.8),
    Goal("connect.cpu", Bound.RATIO, 0.8),
    Goal("memory.idle", Bound.ABSOLUTE, 18.0),
    Goal("rejoin.time", Bound.RATIO, 1.0),
    Goal("start.empty", Bound.ABSOLUTE, 0.35),
    Goal("start.full", Bound.ABSOLUTE, 0.6),
    Goal("ssh.login", Bound.ABSOLUTE, 5.0),
    Goal("ssh.idle", Bound.ABSOLUTE, 60.0),
    Goal("ssh.one", Bound.ABSOLUTE, 45.0),
    Goal("ssh.many", Bound.ABSOLUTE, 10.0),
    Goal("vanish.p99", Bound.ABSOLUTE, 50.0),
    Goal("insider.p99", Bound.ABSOLUTE, 50.0),
    Goal("durable.plain.fixed", Bound.ABSOLUTE, 9_900.0),
    Goal("durable.plain.p99", Bound.ABSOLUTE, 20.0),
    Goal("durable.plain.most", Bound.ABSOLUTE, 60_000.0),
    Goal("durable.tls.fixed", Bound.ABSOLUTE, 9_900.0),
    Goal("durable.tls.p99", Bound.ABSOLUTE, 20.0),
    Goal("durable.tls.most", Bound.ABSOLUTE, 60_000.0),
)
"""A rate counts as 10,000 a second when less than a hundredth is missing."""


def best_of(metric: Figure, values: Mapping[str, float]) -> float | None:
    """Return the best of the values, by server, or None where there is none."""
    if not values:
        return None
    return max(values.values()) if metric.better is Better.HIGHER else min(values.values())


def judge(
    target: Goal, own: float | None, others: Mapping[str, float], *, failed: bool = False
) -> Verdict:
    """Compare Hubbub's value with its target; a scenario that failed has not reached it."""
    metric = METRICS[target.key]
    higher = metric.better is Better.HIGHER
    unit = f" {metric.unit}".rstrip()
    best = best_of(metric, others)
    wanted = _wanted(target, "at least" if higher else "at most", unit)
    if failed:
        return Verdict(metric, wanted, "failed", False)
    if own is None or (best is None and target.bound is not Bound.ABSOLUTE):
        return Verdict(metric, wanted, "not measured", None)
    value, shown = own, f"{metric.show(own)}{unit}"
    if best is not None and target.bound is not Bound.ABSOLUTE:
        value, times = _compared(target.bound, own, best, unit)
        shown = f"{times} ({metric.show(own)} to {metric.show(best)}{unit})"
    return Verdict(
        metric, wanted, shown, value >= target.limit if higher else value <= target.limit
    )


def _compared(bound: Bound, own: float, best: float, unit: str) -> tuple[float, str]:
    if bound is Bound.OFFSET:
        return own - best, f"{own - best:+.2f}{unit}"
    ratio = own / best if best else float("inf")
    return ratio, f"{ratio:.2f} times"


def _wanted(target: Goal, sign: str, unit: str) -> str:
    match target.bound:
        case Bound.RATIO:
            return f"{sign} {target.limit:g} times the best"
        case Bound.OFFSET:
            return f"{sign} the best + {target.limit:g}{unit}"
        case _:
            return f"{sign} {target.limit:,g}{unit}"
