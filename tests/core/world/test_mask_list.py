"""What was found by a list of masks is found anew after whatever changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from hubbub.core.records.base import SessionId
from hubbub.core.world.mask_list import FOUND, ListEntry, MaskList
from hubbub.core.world.state import User


def user(nick: str = "ann", account: str = "") -> User:
    return User(SessionId(1, 1, 1), nick, "u", "host", "real", account)


@pytest.mark.parametrize(
    "change",
    [
        lambda held: held.__setitem__("x", ListEntry("x", "", 0)),
        lambda held: held.__delitem__("a!*@*"),
        lambda held: held.__ior__({"x": ListEntry("x", "", 0)}),
        lambda held: held.update({"x": ListEntry("x", "", 0)}),
        lambda held: held.setdefault("x", ListEntry("x", "", 0)),
        lambda held: held.pop("a!*@*"),
        lambda held: held.popitem(),
        lambda held: held.clear(),
    ],
)
def test_whatever_changes_a_list_has_it_looked_through_anew(
    change: Callable[[MaskList], object],
) -> None:
    held, looks = MaskList([ListEntry("A!*@*", "", 0), ListEntry("b!*@*", "", 0)]), []

    def look(masks: Iterable[str], who: User, muted: bool) -> bool:
        looks.append(list(masks))
        return len(looks[-1]) == 2

    assert held.found(user(), False, look)
    assert held.found(user(), False, look)
    assert looks == [["A!*@*", "b!*@*"]], "asked once"
    change(held)
    assert held.found(user(), False, look) == (len(held) == 2)
    assert looks[1:] == [[entry.mask for entry in held.values()]]


def test_what_was_found_is_told_apart_by_who_it_was_and_by_what_was_asked() -> None:
    held: MaskList = MaskList()

    def look(_: object, who: User, muted: bool) -> bool:
        return bool(who.account) != muted

    for _ in range(2):
        for who in (user(), user(account="ann"), user("bob")):
            assert held.found(who, False, look) == bool(who.account)
            assert held.found(who, True, look) != bool(who.account)


def test_of_so_many_it_is_remembered_whether_a_list_meets_them() -> None:
    held: MaskList = MaskList()
    looked: list[str] = []

    def look(masks: object, who: User, muted: bool) -> bool:
        looked.append(who.nick)
        return False

    for number in range(FOUND + 1):
        held.found(user(f"n{number}"), False, look)
    held.found(user(f"n{FOUND}"), False, look)
    assert len(looked) == FOUND + 1
    held.found(user("n0"), False, look)
    assert looked[-1] == "n0"
