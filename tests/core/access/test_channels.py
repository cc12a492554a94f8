"""What rank, mode or privilege it takes in a channel, and who sees what of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.access import channels
from hubbub.core.access.channels import Refusal
from hubbub.core.policy.flood import Rate
from hubbub.core.records.base import Origin
from hubbub.core.records.messages import Said
from hubbub.core.world.accounts import Account
from hubbub.core.world.mask_list import ListEntry
from hubbub.core.world.state import AccessEntry, Channel, Registration, User
from hubbub.core.world.world import World
from hubbub.irc import modes
from tests.core.access.members_at_hand import channel, user

NOW = 1_700_000_000_000_000
STATUSES = ["", "v", "h", "o", "a", "q"]


def code(refusal: Refusal | None) -> str:
    return refusal[0].code if refusal is not None else ""


def registered(held: Channel, founder: str, **levels: str) -> Channel:
    """Let a channel have a founder, and accounts of a level."""
    access = {name: AccessEntry(name, level, founder, 0) for name, level in levels.items()}
    held.registration = Registration(founder, 0, access)
    return held


CLOSINGS: list[tuple[str, Callable[[Channel], object], str]] = [
    ("nothing", lambda held: None, ""),
    ("a key", lambda held: setattr(held, "key", "k"), "475"),
    ("+i", lambda held: held.flags.add("i"), "473"),
    ("a ban", lambda held: held.lists["b"].update({"*": ListEntry("*!*@*", "", 0)}), "474"),
    ("+R", lambda held: held.flags.add("R"), "477"),
    ("+l", lambda held: setattr(held, "limit", 1), "471"),
    ("+j", lambda held: _rushed(held), "480"),
]


def _rushed(held: Channel) -> None:
    held.join_rate, held.joins = Rate(2, 60), (NOW - 59_999_999, 2)


@pytest.mark.parametrize(("what", "close", "answer"), CLOSINGS)
def test_what_keeps_a_stranger_out_keeps_out_nobody_who_is_invited_or_has_a_level(
    what: str, close: Callable[[Channel], object], answer: str
) -> None:
    held, ann, bob = channel({user("op"): "o"}), user("ann"), user("bob", account="bob")
    close(held)
    assert code(channels.join_refusal(held, ann, "", NOW)) == answer
    assert channels.may_pass_by(held, ann, NOW) == (not answer)
    registered(held, "op", bob="v")
    assert bool(channels.join_refusal(held, bob, "", NOW)) == bool(answer and what != "+R")
    registered(held, "op", bob="h")
    held.invited.add(ann)
    assert channels.join_refusal(held, ann, "", NOW) is None
    assert channels.join_refusal(held, bob, "", NOW) is None


def test_a_rush_is_over_when_its_seconds_are() -> None:
    held = channel()
    _rushed(held)
    first, _ = held.joins
    assert channels.is_rushed(held, first + 59_999_999)
    assert not channels.is_rushed(held, first + 60_000_000)


@given(st.sampled_from(STATUSES), st.sampled_from(STATUSES), st.sampled_from(STATUSES))
def test_who_has_a_higher_status_may_do_whatever_a_lower_one_may(
    one: str, other: str, victims: str
) -> None:
    low, high = sorted((one, other), key=STATUSES.index)
    world, victim = World(), user("victim")
    lower, higher = user("lower"), user("higher")
    held = channel({lower: low, higher: high, victim: victims}, flags={"i", "t", "m"})

    def allowed(who: User) -> list[bool]:
        asked = [
            channels.kick_refusal(world, held, who, victim),
            channels.topic_refusal(held, who),
            channels.invite_refusal(held, who),
            channels.rename_refusal(world, held, who),
            channels.speak_refusal(held, who),
            *(channels.mode_refusal(held, who, [(mode, "victim")]) for mode in ("+q", "+o", "+v")),
        ]
        return [refusal is None for refusal in asked]

    assert all(may or not might for might, may in zip(allowed(lower), allowed(higher), strict=True))


@pytest.mark.parametrize(
    ("own", "victims", "answer"),
    [("h", "v", ""), ("h", "o", "482"), ("o", "o", ""), ("o", "a", "482"), ("a", "a", "482"),
     ("q", "q", ""), ("v", "", "482")],
)  # fmt: skip
def test_who_kicks_whom(own: str, victims: str, answer: str) -> None:
    ann, bob = user("ann"), user("bob")
    held = channel({ann: own, bob: victims})
    assert code(channels.kick_refusal(World(), held, ann, bob)) == answer


def test_everybody_may_give_up_what_they_are_and_take_nothing_from_others() -> None:
    ann, bob = user("ann"), user("bob")
    held = channel({ann: "q", bob: "v"})
    assert channels.mode_refusal(held, bob, [("-v", "BOB")]) is None
    assert code(channels.mode_refusal(held, bob, [("-v", "bob"), ("-q", "ann")])) == "482"
    assert code(channels.mode_refusal(held, user("eve"), [])) == "442"


@pytest.mark.parametrize(("own", "answer"), [("moderator", "482"), ("owner", "")])
def test_by_privilege_alone_nobody_puts_a_higher_operator_down(own: str, answer: str) -> None:
    world, boss = World(), user("boss", "admin")
    held, actor = channel({boss: "o"}), user("actor", own)
    assert code(channels.kick_refusal(world, held, actor, boss)) == answer
    assert code(channels.status_refusal(world, held, actor, "-o", boss)) == answer
    assert channels.status_refusal(world, held, actor, "+v", boss) is None
    registered(held, "boss")
    world.accounts["boss"] = Account("boss", 0, operator="admin")
    assert code(channels.rename_refusal(world, held, actor)) == answer


@pytest.mark.parametrize(
    ("flags", "level", "answer"),
    [("", "", ""), ("i", "", "473"), ("i", "h", ""), ("m", "", "404"), ("m", "v", ""),
     ("M", "", "")],
)  # fmt: skip
def test_who_passes_by_speaks_as_if_it_had_come_in(flags: str, level: str, answer: str) -> None:
    script = user("script", account="script")
    held = registered(channel(flags={"n", *flags}), "ann", **({"script": level} if level else {}))
    assert code(channels.speak_refusal(held, script, True, NOW)) == answer
    assert code(channels.speak_refusal(held, script)) == "404", "+n, for who does not pass by"


def said(speaker: User, **fields: object) -> Said:
    head = (Origin(speaker.id, 1), speaker.source, "", "PRIVMSG", "#a")
    return Said(*head, **fields)  # type: ignore[arg-type]


def test_what_was_said_before_a_mode_came_is_not_passed_on_after_it() -> None:
    ann, bob = user("ann"), user("bob")
    held = channel({ann: "o", bob: ""}, flags={"n", "U"})
    open_to_all = said(bob, histories=("#a",))
    assert code(channels.said_refusal(held, bob, open_to_all, NOW)) == "404"
    assert channels.said_refusal(held, bob, said(bob), NOW) is None
    assert channels.said_refusal(held, ann, said(ann, histories=("#a",)), NOW) is None
    assert code(channels.said_refusal(held, bob, said(bob, relayed_by="bob"), NOW)) == "482"


def test_who_hears_what_is_said_to_a_status() -> None:
    ann, bob, cat, eve = user("ann"), user("bob"), user("cat"), user("eve")
    held = channel({ann: "o", bob: "v", cat: ""})
    assert channels.listeners(held, "", eve) == [ann, bob, cat, eve]
    assert channels.listeners(held, "+", cat) == [ann, bob, cat], "and who says it"
    assert channels.listeners(held, "@", eve) == [ann, eve]
    held.flags.add("U")
    assert [channels.audience(held, one) for one in (ann, bob, cat)] == ["", "", "%"]


def test_only_who_could_let_in_lifts_a_ban_by_inviting() -> None:
    ann, bob = user("ann"), user("bob")
    held = channel({ann: "h", bob: ""})
    assert [channels.lets_in(held, one) for one in (ann, bob)] == [True, False]
    assert channels.invite_refusal(held, bob) is None
    held.flags.add("i")
    assert code(channels.invite_refusal(held, bob)) == "482"


def test_a_secret_channel_is_seen_inside_and_by_privilege_which_is_noted() -> None:
    ann, bob, mod = user("ann"), user("bob"), user("mod", "moderator")
    held = channel({ann: ""}, flags={"s"})
    seen = [channels.sees_channel(held, one) for one in (ann, bob, mod, None)]
    assert seen == [True, False, True, False]
    assert channels.known_channels(ann, bob) == []
    assert channels.known_channels(ann, mod) == ["#a"]
    assert mod.exercised == {("see-secret", "#a"): None}
    held.flags.clear()
    assert channels.sees_channel(held, None)


def test_the_invisible_are_seen_by_those_who_share_a_channel() -> None:
    ann, bob, eve = user("ann", modes=frozenset("i")), user("bob"), user("eve")
    channel({ann: "", bob: ""})
    assert [channels.sees_user(ann, one) for one in (ann, bob, eve)] == [True, True, False]
    assert channels.sees_user(bob, eve)
    assert channels.known_channels(ann, eve) == []
    assert channels.known_channels(bob, eve) == ["#a"]


def test_an_owner_ends_others_who_have_its_account_or_its_nick() -> None:
    world = World()
    world.accounts["ann"] = Account("ann", 0)
    ann, guest = user("other", account="ann"), user("ann")
    assert channels.owns_nick_of(world, ann, guest)
    assert channels.owns_nick_of(world, ann, user("third", account="Ann"))
    assert not channels.owns_nick_of(world, ann, ann)
    assert not channels.owns_nick_of(world, ann, user("ann2", account="bob"))
    assert not channels.owns_nick_of(world, ann, user("stranger"))
    assert not channels.owns_nick_of(world, guest, ann)


def test_an_operator_renames_what_is_nobodys_and_the_founder_what_is_registered() -> None:
    ann, bob = user("ann", account="ann"), user("bob")
    held = channel({ann: "q", bob: "o"})
    assert channels.rank_to_rename(held) == modes.OPERATOR
    assert channels.rename_refusal(World(), held, bob) is None
    registered(held, "ann")
    assert code(channels.rename_refusal(World(), held, bob)) == "482"
    assert channels.rename_refusal(World(), held, ann) is None


def test_what_one_brings_along_lets_in() -> None:
    ann, held = user("ann"), channel({user("op"): "o"}, key="k", flags={"i"}, limit=2)
    assert code(channels.join_refusal(held, ann, "other", NOW)) == "475"
    assert code(channels.join_refusal(held, ann, "k", NOW)) == "473"
    held.lists["I"].update({"*": ListEntry("ann!*@*", "", 0)})
    assert channels.join_refusal(held, ann, "k", NOW) is None
    held.join_rate, held.joins = Rate(2, 60), (NOW, 1)
    assert channels.join_refusal(held, ann, "k", NOW) is None, "that is the second"


@pytest.mark.parametrize(
    ("flags", "outside", "guest", "member"),
    [("", "", "", ""), ("n", "404", "", ""), ("m", "404", "404", "404"), ("M", "404", "404", ""),
     ("b", "404", "404", "404")],
)  # fmt: skip
def test_who_may_speak(flags: str, outside: str, guest: str, member: str) -> None:
    eve, bob, cat, op = user("eve"), user("bob"), user("cat", account="cat"), user("op")
    held = channel({bob: "", cat: "", op: "v"}, flags=set(flags) - {"b"})
    if flags == "b":
        held.lists["b"].update({"*": ListEntry("*!*@*", "", 0)})
    codes = [code(channels.speak_refusal(held, one)) for one in (eve, bob, cat, op)]
    assert codes == [outside, guest, member, ""]


def test_a_notice_takes_a_status_where_the_channel_says_so() -> None:
    ann, bob = user("ann"), user("bob")
    held = channel({ann: "v", bob: ""}, flags={"T"})
    for who, command, answer in ((bob, "NOTICE", "404"), (bob, "PRIVMSG", ""), (ann, "NOTICE", "")):
        record = Said(Origin(who.id, 1), who.source, "", command, "#a", histories=("#a",))
        assert code(channels.said_refusal(held, who, record, NOW)) == answer
    held.flags.clear()
    record = Said(Origin(bob.id, 1), bob.source, "", "NOTICE", "#a", histories=("#a",))
    assert channels.said_refusal(held, bob, record, NOW) is None


def test_a_topic_is_any_members_unless_the_channel_says_otherwise() -> None:
    bob = user("bob")
    held = channel({bob: "v"}, flags=set())
    assert channels.topic_refusal(held, bob) is None
    held.flags.add("t")
    assert code(channels.topic_refusal(held, bob)) == "482"
    assert code(channels.topic_refusal(held, user("eve"))) == "442"


def test_who_acts_on_itself_puts_nobody_down() -> None:
    world, boss, half = World(), user("boss", "owner"), user("half")
    held = channel({boss: "v", half: "h"})
    boss.acting, boss.opered = boss.id, {boss.id: "moderator"}
    assert channels.demotion_refusal(world, held, boss, boss, modes.OPERATOR) is None
    assert channels.kick_refusal(world, held, half, half) is None
    for change in (("+v", "half"), ("-b", "half"), ("-i", "")):
        assert channels.rank_to_change(half, [change]) == modes.HALF_OPERATOR


def test_one_sees_oneself_and_those_whom_one_is_with() -> None:
    ann, bob = user("ann", modes=frozenset("i")), user("bob", modes=frozenset("i"))
    assert channels.sees_user(ann, ann)
    assert not channels.sees_user(ann, bob)
    assert channels.sees_user(ann, user("mod", "moderator"))
    held = channel({ann: "", bob: ""}, flags={"s"})
    assert channels.sees_membership(held, ann, bob)
    assert channels.known_channels(ann, bob) == ["#a"]


def test_the_nick_of_a_third_account_is_not_ones_own() -> None:
    world = World()
    world.accounts = {name: Account(name, 0) for name in ("ann", "bob")}
    assert not channels.owns_nick_of(world, user("x", account="ann"), user("bob"))
