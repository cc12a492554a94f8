"""What masks cost: counted in masks tried, and bounded in what is taken."""

from __future__ import annotations

import pytest

from hubbub.core.world.mask_list import FOUND, ListEntry, MaskList
from hubbub.irc.masks import STARS, Mask
from tests.core.world_harness import Client, Harness, shown

WILD = "*x" * (STARS + 1)


class Tried:
    """Count the masks that are tried."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        matches = Mask.matches

        def counted(mask: Mask, text: str) -> bool:
            self.count += 1
            return matches(mask, text)

        patch.setattr(Mask, "matches", counted)

    def since(self) -> int:
        """Return how many were tried since this was asked last."""
        count, self.count = self.count, 0
        return count


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Tried:
    return Tried(monkeypatch)


@pytest.fixture
def ann(harness: Harness) -> Client:
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    return ann


def test_a_speaker_is_matched_with_a_list_once_until_it_changes(
    harness: Harness, ann: Client, tried: Tried
) -> None:
    bob = harness.connect("bob")
    bob.send("JOIN #a")
    for number in range(30):
        ann.send(f"MODE #a +bbe b{number}!*@* m:c{number}!*@* e{number}!*@*")
    tried.since()
    bob.send("PRIVMSG #a :one")
    assert tried.since() > 0
    for word in ("two", "three"):
        bob.send(f"PRIVMSG #a :{word}")
        bob.send("@+typing=active TAGMSG #a")
    assert tried.since() == 0
    ann.send("MODE #a +b bob!*@*")
    assert shown(bob.send("PRIVMSG #a :four"))[-1] == "404 bob #a Cannot send to channel"
    ann.send("MODE #a -b bob!*@*")
    bob.take()
    assert not [one for one in shown(bob.send("PRIVMSG #a :five")) if one.startswith("404")]


def test_what_was_found_is_of_this_source(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    bob.send("JOIN #a")
    ann.send("MODE #a +b bib!*@*")
    bob.send("PRIVMSG #a :one")
    bob.send("NICK bib")
    bob.take()
    assert shown(bob.send("PRIVMSG #a :two")) == ["404 bib #a Cannot send to channel"]


@pytest.mark.parametrize(
    "change",
    [
        *("__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem"),
        *("setdefault", "update"),
    ],
)
def test_whatever_changes_a_list_forgets_what_was_found(harness: Harness, change: str) -> None:
    user = harness.connect("bob").user
    entry = ListEntry("x!*@*", "ann", 1)
    listed = MaskList([entry])
    looked: list[int] = []

    def look(*_: object) -> bool:
        looked.append(1)
        return False

    listed.found(user, False, look)
    listed.found(user, False, look)
    assert len(looked) == 1
    arguments: dict[str, tuple[object, ...]] = {
        "__setitem__": ("x!*@*", entry),
        "__delitem__": ("x!*@*",),
        "__ior__": ({},),
        "pop": ("x!*@*",),
        "setdefault": ("x!*@*", entry),
        "update": ({},),
    }
    getattr(listed, change)(*arguments.get(change, ()))
    listed.found(user, False, look)
    assert len(looked) == 2


def test_every_change_of_a_dict_is_known() -> None:
    reading = {"copy", "fromkeys", "get", "items", "keys", "values"}
    public = {name for name in vars(dict) if not name.startswith("__")}
    assert public - reading <= set(vars(MaskList))


def test_what_was_found_is_bounded(harness: Harness) -> None:
    user = harness.connect("bob").user
    listed = MaskList([ListEntry("x!*@*", "ann", 1)])
    for number in range(FOUND + 10):
        user.nick = f"bob{number}"
        listed.found(user, False, lambda *_: False)
    assert len(listed._found) <= FOUND


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (f"WHO {WILD}", "FAIL WHO INVALID_PARAMS"),
        (f"LIST {WILD}", "FAIL LIST INVALID_PARAMS"),
        (f"LIST !{WILD}", "FAIL LIST INVALID_PARAMS"),
        (f"MODE #a +b {WILD}", "696 ann #a b"),
        (f"MODE #a +e m:{WILD}", "696 ann #a e"),
        (f"SILENCE +{WILD}", "FAIL SILENCE INVALID_PARAMS"),
    ],
)
def test_a_mask_of_many_stars_is_refused_with_what_to_do(
    ann: Client, line: str, answer: str
) -> None:
    (given,) = [one for one in shown(ann.send(line)) if one.startswith(answer)]
    assert "leave some out" in given


def test_a_mask_of_many_stars_that_is_listed_already_can_be_taken_off(
    harness: Harness, ann: Client
) -> None:
    mask = f"{WILD}!*@*"
    harness.world.channels["#a"].lists["b"][mask] = ListEntry(mask, "ann", 1)
    ann.send(f"MODE #a -b {mask}")
    assert not harness.world.channels["#a"].lists["b"]
