"""What a benchmark found: medians, failures, verdicts and the circumstances."""

from __future__ import annotations

import datetime
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from hubbub.bench.disk import SyncTime
from hubbub.bench.reporting.metrics import METRICS, TARGETS, Verdict, judge

OWN: Final = "hubbub"
"""The server whose targets are judged."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and how it was measured."""

    when: str
    machine: str
    system: str
    versions: Mapping[str, str]
    pinning: str
    cipher: str
    sync: SyncTime
    repeats: int
    sizes: Mapping[str, float]
    quick: bool


@dataclass(slots=True)
class Results:
    """All readings of all servers, and why those that are missing are missing."""

    servers: Sequence[str]
    readings: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    failures: dict[str, dict[str, str]] = field(default_factory=dict)
    others_busy: float = 0.0

    def add(self, server: str, readings: Mapping[str, float]) -> None:
        """Keep the readings of one run of a scenario."""
        for key, value in readings.items():
            self.readings.setdefault(key, {}).setdefault(server, []).append(value)

    def fail(self, server: str, scenario: str, reason: str) -> None:
        """Keep why a run of a scenario gave no readings."""
        self.failures.setdefault(scenario, {})[server] = reason

    def hopeless(self, server: str, scenario: str) -> bool:
        """Return whether a server has failed in a scenario and never succeeded."""
        succeeded = any(
            server in values and METRICS[key].scenario == scenario
            for key, values in self.readings.items()
        )
        return not succeeded and server in self.failures.get(scenario, {})

    def medians(self, key: str) -> dict[str, float]:
        """Return the median of a metric for each server that has one."""
        return {
            server: statistics.median(values)
            for server, values in self.readings.get(key, {}).items()
        }

    def measured(self) -> list[str]:
        """Return the metrics that any server has, in the usual order."""
        return [key for key in METRICS if key in self.readings]

    def verdicts(self) -> list[Verdict]:
        """Judge every target."""
        found: list[Verdict] = []
        for target in TARGETS:
            others = self.medians(target.key)
            own = others.pop(OWN, None)
            failed = OWN in self.failures.get(METRICS[target.key].scenario, {})
            found.append(judge(target, own, others, failed=failed))
        return found


def as_json(results: Results, circumstances: Circumstances) -> dict[str, object]:
    """Return everything as JSON can hold it: all readings, medians, failures and targets."""
    return {
        "circumstances": asdict(circumstances),
        "others_busy": results.others_busy,
        "metrics": {
            key: {
                "title": METRICS[key].title,
                "unit": METRICS[key].unit,
                "medians": results.medians(key),
                "readings": results.readings[key],
            }
            for key in results.measured()
        },
        "failures": results.failures,
        "targets": [
            {
                "metric": verdict.metric.key,
                "wanted": verdict.wanted,
                "found": verdict.found,
                "reached": verdict.reached,
            }
            for verdict in results.verdicts()
        ],
    }


def describe_machine() -> tuple[str, str]:
    """Return the processor with its count, and the operating system with Python."""
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    count = len(os.sched_getaffinity(0))
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{model}, {count} CPUs", system


def now() -> str:
    """Return the time of day in UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
