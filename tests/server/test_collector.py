"""What the collector of cycles looks at in one go, counted in a process of its own."""

from __future__ import annotations

import gc
import json
import subprocess
import sys

import pytest

from hubbub.server import collector

OBJECTS = 600_000
MOST = 6_500
"""How many objects the collector may look at while everybody waits: some 7 ms at worst."""

GROWS = f"""
import gc, json
from hubbub.server import collector

collector.tune()
looked, kept = [], []

def look(phase, info):
    if phase == "start":
        young = range(info["generation"] + 1)
        looked.append(sum(len(gc.get_objects(generation=each)) for each in young))

gc.callbacks.append(look)
for number in range({OBJECTS}):
    kept.append([])
print(json.dumps(looked))
"""


def test_that_a_server_that_grows_is_looked_through_a_part_at_a_time() -> None:
    done = subprocess.run(
        [sys.executable, "-c", GROWS], capture_output=True, text=True, check=True, timeout=60
    )
    looked = json.loads(done.stdout)
    assert len(looked) > 10
    assert max(looked) <= MOST


class Served:
    """A server that is asked for something or not, and a collector that is only counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rounds = self.asked = self.collected = 0
        monkeypatch.setattr(gc, "get_count", lambda: (0, 0, self.rounds))
        monkeypatch.setattr(gc, "collect", self._collect)
        self._collects = collector.Collector(lambda: self.asked)

    def _collect(self) -> None:
        self.collected += 1

    def looks(self, count: int, busy: bool) -> int:
        """Look so often; return how often all was collected."""
        before = self.collected
        for _ in range(count):
            self.asked += busy
            self._collects.look()
        return self.collected - before


def test_all_is_looked_at_when_nobody_asks_for_anything_and_at_last_in_any_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = Served(monkeypatch)
    assert server.looks(100, busy=False) == 0
    server.rounds = collector.DUE_ROUNDS
    assert server.looks(100, busy=True) == 0
    assert server.looks(collector.QUIET_LOOKS - 1, busy=False) == 0
    assert server.looks(1, busy=False) == 1
    server.rounds = collector.MOST_ROUNDS
    assert server.looks(1, busy=True) == 1
