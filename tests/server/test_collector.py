"""What the collector of cycles looks at in one go, counted in a process of its own."""

from __future__ import annotations

import gc
import json
import subprocess
import sys

import pytest

from hubbub.server import collector

OBJECTS = 600_000
MOST = 12_500
"""How many objects the collector may look at while everybody waits: some 4 ms."""

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


def test_all_is_looked_at_when_nobody_asks_for_anything_and_at_last_in_any_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[int] = []
    rounds, asked = 0, 0
    monkeypatch.setattr(gc, "get_count", lambda: (0, 0, rounds))
    monkeypatch.setattr(gc, "collect", lambda: looked.append(rounds))
    collects = collector.Collector(lambda: asked)

    def seconds(count: int, busy: bool) -> None:
        nonlocal asked
        for _ in range(count):
            asked += busy
            collects.look()

    seconds(100, busy=False)
    rounds = collector.DUE_ROUNDS
    seconds(100, busy=True)
    seconds(collector.QUIET_LOOKS - 1, busy=False)
    assert looked == []
    seconds(1, busy=False)
    assert looked == [collector.DUE_ROUNDS]
    rounds = collector.MOST_ROUNDS
    seconds(1, busy=True)
    assert looked[1:] == [collector.MOST_ROUNDS]
