"""Results of a benchmark that was never run."""

from __future__ import annotations

import pytest

from hubbub.bench.disk import SyncTime
from hubbub.bench.reporting.results import Circumstances, Results


@pytest.fixture
def results() -> Results:
    made = Results(("hubbub", "ngircd", "inspircd"))
    for value in (3.0, 1.0, 2.0):
        made.add("hubbub", {"b.tls.rate": value * 1000, "memory.idle": value * 10})
    made.add("ngircd", {"b.tls.rate": 1600.0, "memory.idle": 14.0})
    made.fail("inspircd", "b-tls", "ended with 1: no | luck")
    return made


@pytest.fixture
def circumstances() -> Circumstances:
    return Circumstances(
        when="today",
        machine="one",
        system="Linux",
        versions={"hubbub": "0"},
        pinning="pinned",
        cipher="TLSv1.3",
        sync=SyncTime(0.001, 0.002, "ext4"),
        repeats=3,
        sizes={"members": 500},
        quick=False,
    )
