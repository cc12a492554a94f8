"""What the collector of cycles looks at in one go, counted in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

OBJECTS = 600_000
MOST = 30_000
"""How many objects the collector may look at while everybody waits: some 7 ms."""

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
