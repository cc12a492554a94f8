"""Rooms: found by any spelling of their names, and nothing in them told twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.state.rooms import Anchor, Member, Room, Rooms, shared
from hubbub.irc.message import Message, parse_text


def rooms() -> Rooms:
    return Rooms(str.lower, 4)


def message(number: int, tag: str = "msgid") -> Message:
    return parse_text(f"@{tag}=m{number} :bob!b@h PRIVMSG #c :x")


def test_a_room_is_one_whatever_its_spelling_and_keeps_its_place() -> None:
    made = rooms()
    first = made.open("#One", is_channel=True, read_until=5.0)
    made.open("bob", is_channel=False)
    assert made.open("#ONE", is_channel=True) is first
    assert (first.name, first.read_until) == ("#One", 5.0)
    assert [room.name for room in made.all()] == ["#One", "bob"]
    assert [room.name for room in made.channels()] == ["#One"]
    made.close("#one")
    made.close("#one")
    assert made.get("#One") is None


def test_a_renamed_room_is_the_same_one_at_its_place() -> None:
    made = rooms()
    for name in ("bob", "carl"):
        made.open(name, is_channel=False)
    renamed = made.rename("BOB", "rob")
    assert renamed is not None
    assert (made.get("bob"), made.get("Rob")) == (None, renamed)
    assert [room.name for room in made.all()] == ["rob", "carl"]
    # Another spelling of its own name is no other room's.
    assert made.rename("rob", "Rob") is renamed


def test_a_name_that_is_taken_or_unknown_renames_nothing() -> None:
    made = rooms()
    for name in ("bob", "carl"):
        made.open(name, is_channel=False)
    assert made.rename("bob", "CARL") is None
    assert made.rename("nobody", "dan") is None
    assert [room.name for room in made.all()] == ["bob", "carl"]


def test_who_is_in_which_rooms_is_found_by_any_spelling() -> None:
    made = rooms()
    for name in ("#a", "#b"):
        made.open(name, is_channel=True)
    made.open("#a", True).members["bob"] = shared(Member("Bob"))
    assert [room.name for room in made.of("BOB")] == ["#a"]


def test_members_that_are_equal_are_one() -> None:
    assert shared(Member("bob", "@")) is shared(Member("bob", "@"))
    assert shared(Member("bob")) != shared(Member("bob", "@"))


def test_a_message_is_news_once() -> None:
    room = Room("#c", True)
    assert (room.knows(message(1)), room.is_news(message(1))) == (False, True)
    assert (room.knows(message(1)), room.is_news(message(1))) == (True, False)
    # Without msgid the time and the words tell two apart.
    assert room.is_news(message(1, "time"))
    assert not room.is_news(message(1, "time"))
    # And without either nothing does.
    bare = parse_text(":bob!b@h PRIVMSG #c :x")
    assert (room.is_news(bare), room.is_news(bare), room.knows(bare)) == (True, True, False)


@given(st.lists(st.integers(0, 30)), st.integers(1, 8))
def test_of_the_latest_none_is_told_twice_and_what_is_remembered_is_bounded(
    numbers: list[int], remember: int
) -> None:
    room, distinct = Room("#c", True, remember=remember), list[int]()
    for number in numbers:
        if number in distinct[-remember:]:
            assert not room.is_news(message(number))
        elif room.is_news(message(number)):
            distinct.append(number)
        assert len(room._known) + len(room._known_before) <= 2 * remember


def test_the_newest_that_was_seen_is_never_older_than_before() -> None:
    room = Room("#c", True)
    for anchor in (Anchor(5.0, "a"), Anchor(3.0, "b"), Anchor(5.0, "c")):
        room.saw(anchor)
    assert room.anchor == Anchor(5.0, "c")
