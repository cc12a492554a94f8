"""What must hold of every run, whatever was broken meanwhile: each check yields what is wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from tests.jepsen.operations import Line, Operation, Outcome, Record

Check = Callable[[Record], Iterator[str]]


def violations(record: Record) -> list[str]:
    """Return all that is wrong with a run, each as a sentence that begins with its kind."""
    return [f"{name}: {found}" for name, check in CHECKS.items() for found in check(record)]


def lost(record: Record) -> Iterator[str]:
    """What was acknowledged is in every node's history, as it was acknowledged."""
    for node, channels in record.histories.items():
        places = {line.text: line for lines in channels.values() for line in lines}
        for operation in _with(record, Outcome.OK):
            line = places.get(operation.text)
            if line is None:
                yield f"{operation.text!r}, acknowledged, is not in the history of node {node}"
            elif (line.msgid, line.time) != (operation.msgid, operation.time):
                yield f"{operation.text!r} has another msgid or time on node {node}"


def twice(record: Record) -> Iterator[str]:
    """Nothing is in a history twice, neither by its text nor by its msgid."""
    for node, channels in record.histories.items():
        for channel, lines in channels.items():
            for part in ("text", "msgid"):
                names = Counter(getattr(line, part) for line in lines)
                for name, times in names.items():
                    if times > 1:
                        yield f"{name!r} is {times} times in {channel} of node {node}"


def kept_though_refused(record: Record) -> Iterator[str]:
    """What was refused happened nowhere."""
    refused = {each.text for each in _with(record, Outcome.FAIL)}
    for node, channels in record.histories.items():
        for lines in channels.values():
            for line in lines:
                if line.text in refused:
                    yield f"{line.text!r}, refused, is in the history of node {node}"


def differing(record: Record) -> Iterator[str]:
    """All nodes have the same histories, line by line, and the same World."""
    nodes = sorted(record.histories)
    for first, other in pairwise(nodes):
        for channel, lines in record.histories[first].items():
            others = record.histories[other].get(channel, [])
            if lines != others:
                at = _first_difference(lines, others)
                yield f"{channel} differs between nodes {first} and {other} from line {at} on"
    if len(set(record.digests.values())) > 1:
        yield f"the Worlds differ: {record.digests}"


def out_of_order(record: Record) -> Iterator[str]:
    """What was acknowledged before something else was asked for stands before it.

    So does what one connection asked for earlier.
    """
    for node, channels in record.histories.items():
        for channel, lines in channels.items():
            place = {line.text: number for number, line in enumerate(lines)}
            here = [each for each in record.operations if each.text in place]
            done = sorted(
                (each for each in here if each.outcome is Outcome.OK), key=lambda each: each.ended
            )
            asked = sorted(here, key=lambda each: each.invoked)
            highest, at = ("", -1), 0
            for operation in asked:
                while at < len(done) and done[at].ended < operation.invoked:
                    highest = max(
                        highest, (done[at].text, place[done[at].text]), key=lambda each: each[1]
                    )
                    at += 1
                if highest[1] > place[operation.text]:
                    yield (
                        f"{operation.text!r} stands before {highest[0]!r} in {channel} of node "
                        f"{node}, which was acknowledged before it was asked for"
                    )


def shown_otherwise(record: Record) -> Iterator[str]:
    """What a connection was shown is a stretch of the history, without holes, once, in order."""
    if not record.histories:
        return
    final = record.histories[min(record.histories)]
    for watch in record.watches:
        lines = final.get(watch.channel, [])
        place = {line.msgid: number for number, line in enumerate(lines)}
        seen = [place.get(line.msgid, -1) for line in watch.shown]
        who = f"{watch.watcher} on node {watch.node} in {watch.channel}"
        for number, line in zip(seen, watch.shown, strict=True):
            if number < 0:
                yield f"{who} was shown {line.text!r}, which the final history lacks"
            elif lines[number].text != line.text or lines[number].time != line.time:
                yield f"{who} was shown {line.text!r} otherwise than the history has it"
        for before, after in pairwise(seen):
            if after <= before:
                yield f"{who} was shown line {after} after line {before}"
            elif after != before + 1 and not watch.had_gap:
                yield f"{who} was shown nothing of lines {before + 1} to {after - 1}"


def several_winners(record: Record) -> Iterator[str]:
    """A nick that several ask for at once is one's."""
    for claims in record.claims:
        winners = [claim.node for claim in claims if claim.is_won]
        if len(winners) > 1:
            yield f"{claims[0].nick} was given to {len(winners)}, on nodes {winners}"


def ghosts(record: Record) -> Iterator[str]:
    """Nobody is left in a World who has gone."""
    for node, users in record.users.items():
        if users:
            yield f"node {node} still shows {', '.join(sorted(users)[:5])}"


CHECKS: Final[dict[str, Check]] = {
    "lost": lost,
    "twice": twice,
    "kept though refused": kept_though_refused,
    "differing": differing,
    "out of order": out_of_order,
    "shown otherwise": shown_otherwise,
    "several winners": several_winners,
    "ghosts": ghosts,
}
"""What is looked for, by the name under which it is reported."""


def silence(operations: Sequence[Operation], begin: float, end: float) -> float:
    """Return for how long at most, in seconds, nothing was acknowledged between two moments."""
    done = sorted(each.ended for each in operations if each.outcome is Outcome.OK)
    inside = [begin, *(each for each in done if begin <= each <= end), end]
    return max(after - before for before, after in pairwise(inside))


def worst_wait(operations: Sequence[Operation], begin: float, end: float) -> float:
    """Return how long an acknowledgement took at most of what was asked for between two moments."""
    waits: defaultdict[bool, list[float]] = defaultdict(lambda: [0.0])
    for each in operations:
        waits[each.outcome is Outcome.OK and begin <= each.invoked <= end].append(
            each.ended - each.invoked
        )
    return max(waits[True])


def _with(record: Record, outcome: Outcome) -> Iterator[Operation]:
    return (each for each in record.operations if each.outcome is outcome)


def _first_difference(lines: Sequence[Line], others: Sequence[Line]) -> int:
    for number, (one, other) in enumerate(zip(lines, others, strict=False)):
        if one != other:
            return number
    return min(len(lines), len(others))
