"""One campaign: people talk, a nemesis strikes again and again, and then all is checked."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster.members import assert_same
from tests.jepsen.checker import silence, violations
from tests.jepsen.leading import leader_of
from tests.jepsen.machines import Machine, machines
from tests.jepsen.nemeses import Nemesis
from tests.jepsen.operations import Operation, Outcome, Record
from tests.jepsen.workload import CHANNELS, Speaker, eventually, history_of, visitor

SPEAKERS = 6
REST = 0.08
HEALED_SECONDS = 60.0
"""How long it may take at most after a fault is mended until everybody is heard again."""
GONE_SECONDS = 40.0


@dataclass(slots=True)
class Findings:
    """What a campaign came to: faults, what was asked, what was wrong, and how long all took.

    `silences` are the longest times without any acknowledgement, `healings` those from the mending
    until everybody was heard again; both in seconds, one for each fault.
    """

    name: str
    budget: float
    faults: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    silences: list[float] = field(default_factory=list)
    healings: list[float] = field(default_factory=list)


def campaign(nemesis: Nemesis, faults: int, folder: Path, seed: int) -> Findings:
    """Let a nemesis strike so often, and return what came of it."""
    chance = random.Random(seed)
    found = Findings(nemesis.name, nemesis.budget)
    with machines(folder) as cluster:
        places = [machine.place for machine in cluster]
        speakers = [
            Speaker(f"s{number}", places[number % 3 :] + places[: number % 3], REST)
            for number in range(SPEAKERS)
        ]
        for speaker in speakers:
            speaker.start()
        _all_heard(speakers, found, "at first")
        for _ in range(faults):
            _strike(nemesis, cluster, speakers, chance, found)
            if found.wrong:
                break
        for speaker in speakers:
            speaker.stop()
        for speaker in speakers:
            speaker.join(60)
        found.wrong += [f"fault of the workload: {each.fault}" for each in speakers if each.fault]
        record = _gather(cluster, speakers)
        for machine in reversed(cluster):
            machine.server.stop(seconds=60)
    found.outcomes = Counter(each.outcome for each in record.operations)
    found.wrong += violations(record)
    try:
        assert_same([machine.server for machine in cluster])
    except AssertionError as error:
        found.wrong.append(f"differing: archives or Worlds: {str(error)[:200]}")
    return found


def _strike(
    nemesis: Nemesis,
    cluster: Sequence[Machine],
    speakers: Sequence[Speaker],
    chance: random.Random,
    found: Findings,
) -> None:
    leader = leader_of(cluster)
    begin = time.monotonic()
    mend = nemesis.strike(cluster, leader, chance)
    time.sleep(nemesis.seconds)
    mended = time.monotonic()
    mend()
    _all_heard(speakers, found, f"after fault {found.faults + 1}")
    end = time.monotonic()
    found.faults += 1
    found.healings.append(end - mended)
    found.silences.append(silence(_operations(speakers), begin, end))
    # A moment of peace, so that what follows is another fault.
    time.sleep(1.0 + chance.random())


def _all_heard(speakers: Sequence[Speaker], found: Findings, when: str) -> None:
    """Wait until each of them has been acknowledged something that was asked for from now on."""
    now = time.monotonic()

    def heard(speaker: Speaker) -> bool:
        return any(
            each.outcome is Outcome.OK and each.invoked > now
            for each in reversed(speaker.operations[-20:])
        )

    if not eventually(lambda: all(map(heard, speakers)), HEALED_SECONDS):
        silent = [speaker.name for speaker in speakers if not heard(speaker)]
        found.wrong.append(f"not healed: {', '.join(silent)} heard nothing {when}")


def _operations(speakers: Sequence[Speaker]) -> list[Operation]:
    return [each for speaker in speakers for each in list(speaker.operations)]


def _gather(cluster: Sequence[Machine], speakers: Sequence[Speaker]) -> Record:
    """Return all that happened, with what each node's history says of it now."""
    record = Record(_operations(speakers), [each for one in speakers for each in one.watches])
    for machine in cluster:
        record.users[machine.number] = _left_over(machine)
        record.histories[machine.number] = {
            channel: history_of(machine.place, channel) for channel in CHANNELS
        }
    return record


def _left_over(machine: Machine) -> list[str]:
    """Return who is still shown in a channel although all have gone."""
    found: list[str] = []

    def look() -> bool:
        nonlocal found
        with visitor(machine.place, f"looker{machine.number}") as client:
            client.send(f"NAMES {CHANNELS[0]}")
            client.until(lambda m: m.command in ("353", "366"))
            names = client.seen[-1].params[-1].split() if client.seen[-1].command == "353" else []
            found = [name for name in names if not name.startswith("looker")]
            client.leave()
        return not found

    eventually(look, GONE_SECONDS)
    return found
