"""What was seen as JSON, one object a line, for programs."""

from __future__ import annotations

import json
from typing import Any

from hubbub.wire.seen import Details
from hubbub.wire.showing.lessons import Lessons
from hubbub.wire.showing.safe import safe, safe_details
from hubbub.wire.showing.told import TimedSight


def as_json(told: TimedSight, lessons: Lessons | None = None) -> str:
    """Return one line, in ASCII: it controls no terminal.

    `time` is in seconds since the beginning; a lesson is in its first object only.
    """
    seen = told.seen
    thing: dict[str, Any] = {"time": round(told.seconds, 6)}
    if told.connection:
        thing["connection"] = told.connection
    thing |= {"layer": seen.layer, "way": seen.way, "what": safe(seen.name)}
    if seen.size is not None:
        thing["bytes"] = seen.size
    thing["details"] = _details(seen.details)
    lesson = lessons.next(seen.subject) if lessons is not None else ""
    if lesson:
        thing["lesson"] = lesson
    return json.dumps(thing)


def _details(details: Details) -> dict[str, Any]:
    """Return details as an object; a name that comes again gets its number behind it."""
    found: dict[str, Any] = {}
    counts: dict[str, int] = {}
    for shown, fact in safe_details(details):
        counts[shown] = counts.get(shown, 0) + 1
        key = shown if counts[shown] == 1 else f"{shown} {counts[shown]}"
        found[key] = fact
    return found
