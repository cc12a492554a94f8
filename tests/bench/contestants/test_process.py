"""The CPU time and the memory of other processes are read."""

import subprocess
import sys

import pytest

from hubbub.bench.contestants import process
from hubbub.bench.errors import ProcessGone

# Starts a child that works, waits for it, works itself, then says so and waits to be ended.
PROGRAM = """
import subprocess, sys, time
work = "sum(range(3_000_000))"
subprocess.run([sys.executable, "-c", work], check=True)
other = subprocess.Popen([sys.executable, "-c", work + "; print(flush=True); input()"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
other.stdout.readline()
print(time.process_time(), other.pid, flush=True)
input()
other.communicate(b"\\n")
"""


def test_children_count_whether_they_live_or_not() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as started:
        assert started.stdout is not None
        own, other = started.stdout.readline().split()
        assert int(other) in set(process.family(started.pid))
        living = process.cpu_seconds(int(other))
        assert living > 0
        # The rest is the child that was waited for.
        assert process.cpu_seconds(started.pid) > float(own) + living
        assert process.proportional_kib(started.pid) > process.proportional_kib(int(other)) > 1000
        started.communicate(b"\n")
    with pytest.raises(ProcessGone):
        process.cpu_seconds(started.pid)
