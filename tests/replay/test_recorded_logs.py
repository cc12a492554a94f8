"""What a log came to when its version lived, it comes to now: rules change by a new number only.

Each file was recorded by the release that first had its rules (tests/replay/recording.py), and is
never recorded again. What fails here would be a node that differs from its own past, and, while a
cluster is upgraded, from the others: gate the change by `world.rules` (core/rules.py).
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.records.entries import Entry
from hubbub.core.rules import FIRST_RULES, RULES
from hubbub.core.world.world import World
from hubbub.journal.codec import decode_record
from tests.replay import recording

RECORDED = sorted(Path(__file__).parent.glob("rules-*.jsonl.gz"))
Stage = tuple[list[Entry], bytes]


@cache
def stages(path: Path) -> list[Stage]:
    """Return entries and the World, as bytes, that they had come to when they were recorded."""
    return list(_stages(path))


def _stages(path: Path) -> Iterator[Stage]:
    entries: list[Entry] = []
    for line in gzip.decompress(path.read_bytes()).split(b"\n"):
        held = json.loads(line)
        if "world" in held:
            yield entries, base64.b64decode(held["world"])
            entries = []
        else:
            seq, time, msgid, lead = held["entry"]
            record = decode_record(json.dumps(held["record"]))
            entries.append(Entry(seq, time, msgid, record, None, lead))


def in_todays_form(world: bytes) -> bytes:
    """Return a World that an earlier version has stored as this one stores it."""
    return snapshot.encode(snapshot.decode(world))


def test_every_version_of_the_rules_before_this_one_was_recorded() -> None:
    there = {int(path.name.split("-")[1].split(".")[0]) for path in RECORDED}
    assert there >= set(range(FIRST_RULES, RULES)), "make record-rules, with the release's program"


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
def test_a_log_comes_to_what_it_came_to(path: Path) -> None:
    world = World()
    for entries, meant in stages(path):
        for entry in entries:
            apply(world, entry)
        assert snapshot.encode(world) == in_todays_form(meant), entries[-1].seq


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
def test_it_does_so_from_each_world_that_was_stored_on_the_way(path: Path) -> None:
    """As on a node that is upgraded: its snapshot is the older program's."""
    (_, world), *rest = stages(path)
    for entries, meant in rest:
        going_on = snapshot.decode(world)
        for entry in entries:
            apply(going_on, entry)
        world = meant
        assert snapshot.encode(going_on) == in_todays_form(meant), entries[-1].seq


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
def test_the_log_goes_by_its_rules_and_holds_enough(path: Path) -> None:
    found = stages(path)
    rules = {snapshot.decode(world).rules for _, world in found}
    assert rules == {int(path.name.split("-")[1].split(".")[0])}
    kinds = {type(entry.record) for entries, _ in found for entry in entries}
    assert (len(kinds) > 50, sum(len(entries) for entries, _ in found) > 1_000) == (True, True)


def test_the_recorder_lets_every_kind_of_record_happen() -> None:
    """So that a release can be recorded: a kind that it does not know of yet is to be added."""
    made = recording.Recording(RULES, seed=1)
    made.live()
    there = {type(entry.record) for entry in made.harness.entries}
    assert recording.kinds(RULES) <= there
