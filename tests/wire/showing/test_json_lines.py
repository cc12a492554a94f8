"""As JSON: one object a line, in ASCII, with every detail under a name of its own."""

from __future__ import annotations

import json

from hubbub.wire.seen import OnLayer, Seen, Way
from hubbub.wire.showing.json_lines import as_json
from hubbub.wire.showing.lessons import Lessons
from hubbub.wire.showing.told import TimedSight

SEEN = Seen(OnLayer.SSH, "NEWKEYS", Way.SENT, 16, (("q", "a\x9b"), ("q", 2), ("list", ("x", "y"))))


def test_one_object() -> None:
    line = as_json(TimedSight(0.25, "1 server", SEEN))
    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line) == {
        "time": 0.25,
        "connection": "1 server",
        "layer": "ssh",
        "way": "sent",
        "what": "NEWKEYS",
        "bytes": 16,
        "details": {"q": "a<U+009B>", "q 2": 2, "list": ["x", "y"]},
    }


def test_a_lesson_comes_along_once() -> None:
    lessons = Lessons()
    first, second = (json.loads(as_json(TimedSight(0, "", SEEN), lessons)) for _ in range(2))
    assert first["lesson"].startswith("From the next packet on")
    assert "lesson" not in second
