"""A transcript is what was signed, or it is said where it is not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest

from hubbub.keeping.errors import KeepingError
from hubbub.keeping.exporting.lines import Line
from hubbub.keeping.exporting.proof import ProvedLines, verify


def sign(message: bytes) -> str:
    return hashlib.sha256(b"key" + message).hexdigest()


def signer_of(signature: str, message: bytes) -> str | None:
    return "the server" if signature == sign(message) else None


def transcript() -> list[str]:
    style = ProvedLines("chat.example", sign)
    lines = [
        Line(
            n,
            n * 1_000_000,
            f"id{n}",
            "message",
            ("#a",),
            "ann!a@h",
            "ann",
            f"wörd {n}",
            {"x": "y"},
        )
        for n in range(5)
    ]
    first = style.begin("Channel #a")
    assert not first
    # Killed and gone on in the middle.
    parts = [style.write(line, None) for line in lines[:3]]
    later = ProvedLines("chat.example", sign)
    later.state = style.state
    parts += [later.write(line, None) for line in lines[3:]]
    return [*parts, later.end()]


def test_what_was_signed_is_told() -> None:
    found = verify(transcript(), signer_of)
    assert (found.what, found.server, found.lines) == ("Channel #a", "chat.example", 5)
    assert (found.withheld, found.signer) == (0, "the server")


def changed(lines: list[str]) -> list[str]:
    return [lines[0], lines[1].replace("wörd 1", "word 1"), *lines[2:]]


def of_another(lines: list[str]) -> list[str]:
    return [lines[0].replace("ann!a@h", "bob!a@h"), *lines[1:]]


def salted(lines: list[str]) -> list[str]:
    held = json.loads(lines[2])
    return [*lines[:2], json.dumps({**held, "salt": "00" * 16}), *lines[3:]]


def promoted(lines: list[str]) -> list[str]:
    end = json.loads(lines[-1])
    end["checkpoint"]["lines"] = 4
    return [*lines[1:-1], json.dumps(end)]


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        (changed, "is not what was signed"),
        (of_another, "is not what was signed"),
        (salted, "is not what was signed"),
        (lambda lines: lines[1:], "5 lines were, there are 4"),
        (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], "in another place"),
        (lambda lines: [lines[0], *lines], "5 lines were, there are 6"),
        (lambda lines: lines[:-1], "has no end"),
        (lambda lines: [*lines, lines[0]], "line 7 comes after the end"),
        (promoted, "not signed by the key"),
        (lambda lines: ["hello", *lines], "line 1 is none"),
        (lambda lines: ["{}", *lines], "line 1 is none"),
        (lambda lines: ["[]", *lines], "line 1 is none"),
        (lambda lines: [*lines[:-1], '{"checkpoint": {}}'], "its end is damaged"),
    ],
)
def test_what_is_not_as_it_was_signed_is_refused(
    spoiled: Callable[[list[str]], list[str]], why: str
) -> None:
    with pytest.raises(KeepingError, match=why):
        verify(spoiled(transcript()), signer_of)


def test_words_can_be_left_out_and_nobody_can_guess_them() -> None:
    lines = transcript()
    held = json.loads(lines[1])
    words = {name: held.pop(name) for name in ("tags", "text")}
    salt = bytes.fromhex(held.pop("salt"))
    text = json.dumps(words, sort_keys=True, separators=(",", ":")).encode()
    leaf = hashlib.sha256(salt + text).hexdigest()
    assert leaf != hashlib.sha256(text).hexdigest()
    lines[1] = json.dumps({**held, "leaf": leaf})
    assert verify(lines, signer_of).withheld == 1
    # Nothing can stand beside it as if it were what had been said.
    lines[1] = json.dumps({**held, "leaf": leaf, "text": "I confess"})
    with pytest.raises(KeepingError, match="line 2 is none"):
        verify(lines, signer_of)
