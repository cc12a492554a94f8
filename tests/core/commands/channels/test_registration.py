"""CHANNEL: who owns a channel, and who is what in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.apply.registered_channels import account_removed, grant_access
from hubbub.core.records.registered_channels import ChannelRetentionSet
from hubbub.core.world.state import Channel, Registration
from tests.core.commands.operators_at_hand import failure
from tests.core.invariants import check
from tests.core.world_harness import POLICY, START, Client, Harness, refusal, shown

SINCE = START // 1_000_000


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return the operator of #a, who is logged in as Ann."""
    for account in ("Bob", "Cy", "Dot"):
        harness.account(account)
    ann = harness.connect_as("ann", "Ann")
    ann.send("JOIN #a")
    return ann


@pytest.fixture
def owned(ann: Client) -> Client:
    """Return the founder of #a."""
    ann.send("CHANNEL REGISTER #a")
    ann.take()
    return ann


def channel_of(harness: Harness, name: str = "#a") -> Channel:
    return harness.world.channels[name]


def registration_of(harness: Harness) -> Registration:
    held = channel_of(harness).registration
    assert held is not None
    return held


# Registering


def test_who_registers_a_channel_is_its_founder(harness: Harness, ann: Client) -> None:
    assert shown(ann.send("CHANNEL REGISTER #A")) == [
        "MODE #a +q ann",
        "NOTE CHANNEL REGISTERED #a The channel is yours, and stays when it is empty",
    ]
    assert shown(ann.send("CHANNEL INFO #a")) == [
        "NOTE CHANNEL INFO #a Registered by Ann at 2023-11-14T22:13:20.000Z"
    ]
    assert channel_of(harness).members[ann.user].statuses == "qo"


def test_a_registered_channel_lives_on_with_all_that_is_its(
    harness: Harness, owned: Client
) -> None:
    for line in ("TOPIC #a :ours", "MODE #a +ib nobody", "PART #a", "JOIN #a"):
        owned.send(line)
    channel = channel_of(harness)
    assert (channel.topic, channel.flags, len(channel.lists["b"])) == ("ours", {*"int"}, 1)
    assert channel.members[owned.user].statuses == "q"
    assert harness.histories_ended == []


def test_who_has_a_level_is_told_of_it_with_the_others(harness: Harness, owned: Client) -> None:
    eve = harness.connect("eve")
    eve.send("JOIN #a")
    owned.send("PART #a")
    eve.take()
    told = owned.send("JOIN #a")
    assert shown(told)[:2] == ["JOIN #a", "MODE #a +q ann"]
    assert told[1].source == "ChanServ"
    assert shown(eve.take()) == ["JOIN #a", "MODE #a +q ann"]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("CHANNEL REGISTER #none", "FAIL CHANNEL NO_SUCH_CHANNEL #none There is no such channel"),
        ("CHANNEL REGISTER", "461 bob CHANNEL Not enough parameters"),
        ("CHANNEL REGISTER #a", "FAIL CHANNEL PRIVS_NEEDED #a Only an operator of the channel "),
        ("CHANNEL NONSENSE #a", "FAIL CHANNEL INVALID_PARAMS NONSENSE Use one of REGISTER, DROP"),
        ("CHANNEL DROP #a", "FAIL CHANNEL NOT_REGISTERED #a This channel is not registered"),
        ("CHANNEL TRANSFER #a bob", "FAIL CHANNEL NOT_REGISTERED #a"),
        ("CHANNEL ACCESS #a bob voice", "FAIL CHANNEL NOT_REGISTERED #a"),
        ("CHANNEL ACCESS #a bob", "461 bob CHANNEL Not enough parameters"),
        ("CHANNEL ACCESS #a", "FAIL CHANNEL NOT_REGISTERED #a"),
        ("CHANNEL PURGE SURE #a", "FAIL CHANNEL PRIVS_NEEDED"),
        ("CHANNEL INFO #a", "NOTE CHANNEL INFO #a This channel is not registered"),
        ("CHANNEL LIST", "NOTE CHANNEL END_OF_LIST * End of list"),
    ],
)
def test_what_is_refused_where_nothing_is_registered(
    harness: Harness, ann: Client, line: str, answer: str
) -> None:
    bob = harness.connect_as("bob", "bob")
    bob.send("JOIN #a")
    [told] = shown(bob.send(line))
    assert told.startswith(answer)


def test_it_takes_an_account(harness: Harness) -> None:
    eve = harness.connect("eve")
    eve.send("JOIN #a")
    [told] = shown(eve.send("CHANNEL REGISTER #a"))
    assert told.startswith("FAIL CHANNEL ACCOUNT_REQUIRED #a")


def test_a_channel_is_registered_once(harness: Harness, owned: Client) -> None:
    [told] = shown(owned.send("CHANNEL REGISTER #a"))
    assert told.startswith("FAIL CHANNEL ALREADY_REGISTERED #a")


def test_so_many_channels_an_account() -> None:
    harness = Harness(replace(POLICY, channels_per_account=2))
    ann = harness.connect_as("ann", "Ann")
    ann.send("JOIN #a,#b,#c")
    harness.held = True
    for name in ("#a", "#b", "#c"):
        ann.send(f"CHANNEL REGISTER {name}")
    harness.commit_all()
    assert [c.name for c in harness.world.channels.values() if c.registration] == ["#a", "#b"]
    assert shown(ann.take())[-1] == (
        "FAIL CHANNEL TOO_MANY_CHANNELS #c An account can have at most 2 channels"
    )


def test_what_two_ask_for_at_once_one_gets(harness: Harness, ann: Client) -> None:
    bob = harness.connect_as("bob", "bob")
    bob.send("JOIN #a")
    ann.send("MODE #a +o bob")
    bob.take()
    harness.held = True
    ann.send("CHANNEL REGISTER #a"), bob.send("CHANNEL REGISTER #a")
    harness.commit_all()
    assert registration_of(harness).founder == "Ann"
    assert (
        shown(bob.take())[-1]
        == "FAIL CHANNEL ALREADY_REGISTERED #a This channel is registered already"
    )


@pytest.mark.parametrize("line", ["REGISTER #a", "DROP #a", "TRANSFER #a Bob", "PURGE SURE #a"])
def test_what_was_meant_for_a_channel_that_ended_changes_no_later_one(
    harness: Harness, ann: Client, line: str
) -> None:
    root = harness.connect_as("root", "Root")
    root.send("OPER root secret")
    ann.send("CHANNEL REGISTER #a" if line != "REGISTER #a" else "AWAY")
    root.take()
    harness.held = True
    root.send(f"CHANNEL {line}")
    for step in ("CHANNEL DROP #a", "PART #a", "JOIN #a", "CHANNEL REGISTER #a"):
        ann.send(step)
        while ann.session.id in harness.pending:
            harness.commit(ann.session.id)
    root.take()
    harness.commit_all()
    assert shown(root.take()) == ["FAIL CHANNEL NO_SUCH_CHANNEL #a There is no such channel"]
    assert registration_of(harness).founder == "Ann"


# Dropping, purging, handing on


def test_what_is_dropped_ends_when_it_is_empty(harness: Harness, owned: Client) -> None:
    assert shown(owned.send("CHANNEL DROP #a"))[0].startswith("NOTE CHANNEL DROPPED #a")
    owned.send("PART #a")
    assert not harness.world.channels
    assert len(harness.histories_ended) == 1


def test_what_is_dropped_while_it_is_empty_ends_at_once(harness: Harness, owned: Client) -> None:
    owned.send("PART #a")
    owned.send("CHANNEL DROP #a")
    assert not harness.world.channels


def test_only_the_owner_drops_and_hands_on(harness: Harness, owned: Client) -> None:
    bob = harness.connect_as("bob", "Bob")
    owned.send("CHANNEL ACCESS #a Bob founder")
    bob.send("JOIN #a")
    bob.take()
    for line in ("CHANNEL DROP #a", "CHANNEL TRANSFER #a Bob"):
        [told] = shown(bob.send(line))
        assert told == "FAIL CHANNEL PRIVS_NEEDED #a Only the founder of the channel may do this"
    assert shown(bob.send("CHANNEL PURGE SURE #a"))[0].startswith("FAIL CHANNEL PRIVS_NEEDED")


def test_a_channel_is_handed_on(harness: Harness, owned: Client) -> None:
    bob = harness.connect_as("bob", "Bob")
    bob.send("JOIN #a")
    owned.send("CHANNEL ACCESS #a Bob voice")
    owned.take()
    assert shown(owned.send("CHANNEL TRANSFER #a bob")) == [
        "MODE #a -q ann",
        "MODE #a -v bob",
        "MODE #a +q bob",
        "NOTE CHANNEL TRANSFERRED #a The channel is Bob's now",
    ]
    assert (registration_of(harness).founder, registration_of(harness).access) == ("Bob", {})
    assert channel_of(harness).members[owned.user].statuses == "o"
    [told] = shown(owned.send("CHANNEL TRANSFER #a Ann"))
    assert told.startswith("FAIL CHANNEL PRIVS_NEEDED")
    bob.take()
    [told] = shown(bob.send("CHANNEL TRANSFER #a Bob"))
    assert told.startswith("FAIL CHANNEL ALREADY_REGISTERED")


def test_nobody_is_given_more_channels_than_may_be() -> None:
    harness = Harness(replace(POLICY, channels_per_account=1))
    ann, bob = harness.connect_as("ann", "Ann"), harness.connect_as("bob", "Bob")
    for client, name in ((ann, "#a"), (bob, "#b")):
        client.send(f"JOIN {name}")
        client.send(f"CHANNEL REGISTER {name}")
    [told] = shown(ann.send("CHANNEL TRANSFER #a Bob"))
    assert told.startswith("FAIL CHANNEL TOO_MANY_CHANNELS")


@pytest.mark.parametrize("inside", [True, False])
def test_an_operator_ends_a_channel(harness: Harness, owned: Client, inside: bool) -> None:
    root = harness.connect("root")
    root.send("OPER root secret")
    eve = harness.connect("eve")
    if inside:
        eve.send("JOIN #a")
    else:
        owned.send("PART #a")
    eve.take(), root.take(), owned.take()
    assert shown(root.send("CHANNEL PURGE SURE #a :no such thing here")) == [
        "NOTE CHANNEL PURGED #a The channel and its history are gone"
    ]
    assert shown(eve.take()) == (["KICK #a eve no such thing here"] if inside else [])
    assert not harness.world.channels
    assert len(harness.histories_ended) == 1
    check(harness.world)


def test_a_kept_channel_can_be_purged_and_begins_anew() -> None:
    harness = Harness(kept=("#a",))
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    ann.send("OPER root secret")
    ann.send("CHANNEL PURGE SURE #a")
    assert harness.histories_ended == ["#a"]
    check(harness.world)
    ann.send("JOIN #a")
    assert channel_of(harness).kept
    check(harness.world)


def test_who_lost_the_privilege_meanwhile_purges_nothing(harness: Harness, owned: Client) -> None:
    root = harness.connect("root")
    root.send("OPER root secret")
    harness.held = True
    root.send("CHANNEL PURGE SURE #a")
    root.user.modes = frozenset()
    root.take()
    harness.commit_all()
    assert shown(root.take())[0].startswith("FAIL CHANNEL PRIVS_NEEDED")
    assert channel_of(harness).members


# Levels


@pytest.mark.parametrize(
    ("level", "letter"),
    [("founder", "q"), ("protected", "a"), ("operator", "o"), ("halfop", "h"), ("VOICE", "v")],
)
def test_what_an_account_is_it_is_whenever_it_comes(
    harness: Harness, owned: Client, level: str, letter: str
) -> None:
    bob = harness.connect_as("bob", "Bob")
    bob.send("JOIN #a")
    owned.take()
    assert shown(owned.send(f"CHANNEL ACCESS #a Bob {level}")) == [
        f"MODE #a +{letter} bob",
        f"NOTE CHANNEL ACCESS_SET #a Bob is {level.lower()} here",
    ]
    bob.send("PART #a")
    bob.send("JOIN #a")
    assert channel_of(harness).members[bob.user].statuses == letter
    owned.take()
    assert shown(owned.send("CHANNEL ACCESS #a bob none")) == [
        f"MODE #a -{letter} bob",
        "NOTE CHANNEL ACCESS_SET #a Bob is nothing more here",
    ]
    assert channel_of(harness).members[bob.user].statuses == ""


def test_a_level_that_changes_takes_the_former_status(harness: Harness, owned: Client) -> None:
    bob = harness.connect_as("bob", "Bob")
    bob.send("JOIN #a")
    owned.send("CHANNEL ACCESS #a Bob operator")
    owned.take()
    assert shown(owned.send("CHANNEL ACCESS #a Bob voice"))[:2] == [
        "MODE #a -o bob",
        "MODE #a +v bob",
    ]
    assert shown(owned.send("CHANNEL ACCESS #a Bob voice")) == [
        "NOTE CHANNEL ACCESS_SET #a Bob is voice here"
    ]


LEVELS = ["", "voice", "halfop", "operator", "protected", "founder"]


@pytest.mark.parametrize("mine", LEVELS)
@pytest.mark.parametrize("before", LEVELS)
@pytest.mark.parametrize("given", LEVELS)
def test_who_may_give_which_level(
    harness: Harness, owned: Client, mine: str, before: str, given: str
) -> None:
    bob = harness.connect_as("bob", "Bob")
    bob.send("JOIN #a")
    for account, level in (("Bob", mine), ("Cy", before)):
        if level:
            owned.send(f"CHANNEL ACCESS #a {account} {level}")
    bob.take()
    told = shown(bob.send(f"CHANNEL ACCESS #a Cy {given or 'none'}"))[0]
    rank = LEVELS.index(mine)
    if not (before or given):
        assert told.startswith("FAIL CHANNEL ACCOUNT_UNKNOWN")
    elif rank >= 4 and rank > max(LEVELS.index(before), LEVELS.index(given)):
        assert told.startswith("NOTE CHANNEL ACCESS_SET")
    else:
        assert told.startswith("FAIL CHANNEL PRIVS_NEEDED")


def test_everybody_may_give_up_a_level(harness: Harness, owned: Client) -> None:
    bob = harness.connect_as("bob", "Bob")
    owned.send("CHANNEL ACCESS #a Bob voice")
    assert shown(bob.send("CHANNEL ACCESS #a BOB none"))[0].startswith("NOTE CHANNEL ACCESS_SET")
    assert registration_of(harness).access == {}


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("Bob king", "INVALID_LEVEL #a The levels are founder, protected, operator, halfop, voice"),
        ("Ann voice", "INVALID_LEVEL #a The founder has all levels; TRANSFER gives the channel"),
        ("nobody voice", "ACCOUNT_UNKNOWN #a There is no such account"),
        ("nobody none", "ACCOUNT_UNKNOWN #a This account is not on the access list"),
    ],
)
def test_what_is_no_level(harness: Harness, owned: Client, line: str, answer: str) -> None:
    [told] = shown(owned.send(f"CHANNEL ACCESS #a {line}"))
    assert told.startswith(f"FAIL CHANNEL {answer}")


def test_an_access_list_can_be_full() -> None:
    harness = Harness(replace(POLICY, access_entries=2))
    for account in ("Bob", "Cy", "Dot"):
        harness.account(account)
    ann = harness.connect_as("ann", "Ann")
    ann.send("JOIN #a")
    ann.send("CHANNEL REGISTER #a")
    for account in ("Bob", "Cy"):
        ann.send(f"CHANNEL ACCESS #a {account} voice")
    [told] = shown(ann.send("CHANNEL ACCESS #a Dot voice"))
    assert told == "FAIL CHANNEL LIST_FULL #a An access list has at most 2 entries"
    [told] = shown(ann.send("CHANNEL ACCESS #a Bob halfop"))
    assert told.startswith("NOTE")


def test_who_is_on_the_list_may_read_it(harness: Harness, owned: Client) -> None:
    bob, cy = harness.connect_as("bob", "Bob"), harness.connect_as("cy", "Cy")
    owned.send("CHANNEL ACCESS #a Bob voice")
    assert shown(bob.send("CHANNEL ACCESS #a")) == [
        "NOTE CHANNEL ACCESS #a Ann is the owner",
        f"NOTE CHANNEL ACCESS #a Bob is voice, set by Ann at {'2023-11-14T22:13:20.000Z'}",
        "NOTE CHANNEL END_OF_ACCESS #a End of access list",
    ]
    [told] = shown(cy.send("CHANNEL ACCESS #a"))
    assert told.startswith("FAIL CHANNEL PRIVS_NEEDED")
    assert shown(bob.send("CHANNEL LIST"))[0] == "NOTE CHANNEL LIST #a You are voice here"


def test_who_has_a_level_knows_of_a_secret_channel(harness: Harness, owned: Client) -> None:
    bob, cy = harness.connect_as("bob", "Bob"), harness.connect_as("cy", "Cy")
    owned.send("MODE #a +s")
    owned.send("CHANNEL ACCESS #a Bob voice")
    assert shown(bob.send("CHANNEL INFO #a"))[0].startswith("NOTE CHANNEL INFO #a")
    assert shown(cy.send("CHANNEL INFO #a")) == [
        "FAIL CHANNEL NO_SUCH_CHANNEL #a There is no such channel"
    ]


@pytest.mark.parametrize(("level", "comes_in"), [("halfop", True), ("voice", False)])
@pytest.mark.parametrize("mode", ["+i", "+k key", "+b *", "+l 1", "+j 1:3600"])
def test_whom_nothing_keeps_out(
    harness: Harness, owned: Client, level: str, comes_in: bool, mode: str
) -> None:
    owned.send("CHANNEL ACCESS #a Bob " + level)
    owned.send(f"MODE #a {mode}")
    harness.connect("fay").send("JOIN #a")
    bob = harness.connect_as("bob", "Bob")
    assert shown(bob.send("JOIN #a"))[0].startswith("JOIN") == comes_in


def test_who_logs_in_gets_what_the_account_is(harness: Harness, owned: Client) -> None:
    eve = harness.connect("eve")
    eve.send("JOIN #a")
    owned.send("CHANNEL ACCESS #a Bob operator")
    eve.user.account = "Bob"
    assert len(grant_access(harness.world, eve.user)) == 1
    assert channel_of(harness).members[eve.user].statuses == "o"
    assert grant_access(harness.world, eve.user) == []


# Accounts that are removed


@pytest.mark.parametrize(
    ("levels", "heir"),
    [
        ({"Bob": "voice"}, ""),
        ({}, ""),
        ({"Bob": "halfop"}, "Bob"),
        ({"Bob": "halfop", "Cy": "operator"}, "Cy"),
        ({"Bob": "operator", "Cy": "operator"}, "Bob"),
        ({"Bob": "operator", "Cy": "protected", "Dot": "founder"}, "Dot"),
    ],
)
def test_who_has_a_channel_after_its_founder(
    harness: Harness, owned: Client, levels: dict[str, str], heir: str
) -> None:
    for account, level in levels.items():
        owned.send(f"CHANNEL ACCESS #a {account} {level}")
    owned.send("PART #a")
    account_removed(harness.world, "ANN", harness.entries[-1])
    assert list(harness.world.channels) == (["#a"] if heir else [])
    if heir:
        assert registration_of(harness).founder == heir
    check(harness.world)


def test_an_account_that_is_removed_is_on_no_list(harness: Harness, owned: Client) -> None:
    owned.send("CHANNEL ACCESS #a Bob operator")
    account_removed(harness.world, "bob", harness.entries[-1])
    assert registration_of(harness).access == {}


def test_whose_name_could_be_anothers_tomorrow_gets_no_level(
    harness: Harness, owned: Client
) -> None:
    harness.account("Bob").verified = False
    [told] = shown(owned.send("CHANNEL ACCESS #a Bob operator"))
    assert told.startswith("FAIL CHANNEL ACCOUNT_UNKNOWN")


def test_a_founder_says_how_long_the_history_is_kept(harness: Harness) -> None:
    ann, bob = harness.connect_as("ann", "ann"), harness.connect_as("bob", "bob")
    for client in (ann, bob):
        client.send("JOIN #a")
    ann.send("CHANNEL REGISTER #a")
    kept = "What is said is kept"
    assert shown(ann.send("CHANNEL RETENTION #a")) == [f"NOTE CHANNEL RETENTION #a {kept} for good"]
    assert shown(ann.send("CHANNEL RETENTION #a 36h 1000")) == [
        f"NOTE CHANNEL RETENTION_SET #a {kept} for 2 days, and of that the newest 1000 messages"
    ]
    assert harness.world.channels["#a"].retention == (2, 1000)
    assert shown(bob.send("CHANNEL INFO #a"))[-1] == (
        f"NOTE CHANNEL INFO #a {kept} for 2 days, and of that the newest 1000 messages"
    )
    assert failure(bob.send("CHANNEL RETENTION #a 1d")) == "PRIVS_NEEDED"
    for wrong in ("0", "-1", "soon", "1d 2d", "1 2", "OFF 1", "99999999999d"):
        assert failure(ann.send(f"CHANNEL RETENTION #a {wrong}")) == "INVALID_PARAMS"
    ann.send("CHANNEL RETENTION #a off")
    assert harness.world.channels["#a"].retention == (0, 0)


def test_who_founds_it_no_more_has_no_say_when_the_record_comes(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    ann.send("JOIN #a")
    ann.send("CHANNEL REGISTER #a")
    place = "#a", harness.world.channels["#a"].history
    assert refusal(harness.enter(ChannelRetentionSet(ann.origin, "x", "#a", "#other", 1, 1)))
    harness.world.channels["#a"].registration = None
    outcomes = harness.enter(ChannelRetentionSet(ann.origin, "x", *place, 1, 1))
    assert refusal(outcomes) == "NOT_REGISTERED"
    assert harness.world.channels["#a"].retention == (0, 0)
