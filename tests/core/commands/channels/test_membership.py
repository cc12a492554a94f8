"""JOIN, PART, NAMES, TOPIC, KICK, INVITE."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.commands.channels.membership import INVITES
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import Joined, Kept
from hubbub.core.records.entries import Draft
from hubbub.core.requests import Replay
from tests.core.world_harness import POLICY, Client, Harness, shown


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect("ann")


@pytest.fixture
def bob(harness: Harness) -> Client:
    return harness.connect("bob")


def test_the_first_member_is_operator(ann: Client, bob: Client) -> None:
    assert shown(ann.send("JOIN #a")) == [
        "JOIN #a",
        "353 ann = #a @ann",
        "366 ann #a End of NAMES list",
    ]
    assert shown(bob.send("JOIN #A")) == [
        "JOIN #a",
        "353 bob = #a @ann bob",
        "366 bob #a End of NAMES list",
    ]
    assert shown(ann.take()) == ["JOIN #a"]
    assert bob.send("JOIN #a") == []


def test_nobody_becomes_operator_of_a_kept_channel_by_being_first() -> None:
    harness = Harness(kept=("#kept*",))
    ann = harness.connect("ann")
    assert "353 ann = #kept1 ann" in shown(ann.send("JOIN #kept1"))
    ann.send("MODE #kept1 +s")
    ann.send("PART #kept1")
    assert harness.world.channels["#kept1"].flags == {"n", "t"}
    assert harness.world.channels["#kept1"].history == "#kept1"


def test_a_late_join_does_not_take_the_history_of_a_channel_that_ended(
    harness: Harness, ann: Client, bob: Client
) -> None:
    ann.send("JOIN #a")
    old = harness.world.channels["#a"].history
    harness.held = True
    bob.send("JOIN #a")
    ann.send("PART #a")
    harness.commit(ann.session.id)
    harness.commit_all()
    assert harness.histories_ended == [old]
    assert harness.world.channels["#a"].history != old


def test_no_channel_is_named_like_the_history_of_another() -> None:
    harness = Harness(kept=("#a?*",))
    ann, bob = harness.connect("ann"), harness.connect("bob")
    ann.send("JOIN #a")
    history = harness.world.channels["#a"].history
    for name in (history, history.replace(",", ":")):
        bob.send(f"JOIN {name}")
    assert [channel.history == history for channel in harness.world.channels.values()].count(
        True
    ) == 1


def test_keys_stay_with_their_channels(ann: Client, bob: Client) -> None:
    ann.send("JOIN #a,#b")
    ann.send("MODE #a +k one")
    ann.send("MODE #b +k two")
    bob.send("JOIN #a,#A,#b one,wrong,two")
    assert list(bob.user.channels) == ["#a", "#b"]


def test_so_many_channels_are_kept_and_no_more() -> None:
    harness = Harness(kept=("#*",))
    ann = harness.connect("ann")
    harness.append(Draft(Kept(Origin(SessionId(1, 1, 0), 2), ("#*",), 2)))
    harness.settle()
    for name in ("#a", "#b", "#c"):
        ann.send(f"JOIN {name}")
        ann.send(f"PART {name}")
    assert list(harness.world.channels) == ["#a", "#b"]
    assert harness.histories_ended[0].startswith("#c,")


def test_what_is_kept_no_more_ends_when_it_is_empty() -> None:
    harness = Harness(kept=("#kept",))
    harness.connect("ann").send("JOIN #kept")
    harness.restart()
    assert harness.histories_ended == ["@g:1.1.1/*"]
    assert "#kept" in harness.world.channels


def test_a_channel_ends_with_its_history(harness: Harness, ann: Client) -> None:
    ann.send("JOIN #a")
    first = harness.world.channels["#a"].history
    ann.send("PART #a")
    assert harness.world.channels == {}
    assert harness.histories_ended == [first]
    ann.send("JOIN #a")
    assert harness.world.channels["#a"].history != first


def test_who_wants_no_names_gets_none_but_when_asking(harness: Harness) -> None:
    bob = harness.connect("bob", "no-implicit-names")
    assert shown(bob.send("JOIN #a")) == ["JOIN #a"]
    assert shown(bob.send("NAMES #a"))[0] == "353 bob = #a @bob"


def test_several_channels_and_keys(ann: Client, bob: Client) -> None:
    ann.send("JOIN #a,#b,#c")
    ann.send("MODE #a +k one")
    ann.send("MODE #c +k three")
    joined = bob.send("JOIN #a,#b,#c,#a one,,wrong")
    assert [m.params[0] for m in joined if m.command == "JOIN"] == ["#a", "#b"]
    assert shown(joined)[0] == "475 bob #c Cannot join channel (+k)"


def test_no_key_is_kept_but_the_right_one(harness: Harness, ann: Client, bob: Client) -> None:
    ann.send("JOIN #new,#locked hunter2")
    ann.send("MODE #locked +k right")
    ann.send("INVITE bob #locked")
    for line in ("JOIN #new hunter2", "JOIN #locked hunter2", "PART #locked", "JOIN #locked right"):
        bob.send(line)
    kept = [(j.channel, j.key) for j in harness.records(Joined) if isinstance(j, Joined)]
    assert kept == [
        ("#new", ""),
        ("#locked", ""),
        ("#new", ""),
        ("#locked", ""),
        ("#locked", "right"),
    ]


@pytest.mark.parametrize("name", ["a", "#", "#a\x02", "#\u202e", ":#a b", "&a"])
def test_names_that_are_none(ann: Client, name: str) -> None:
    assert [message.command for message in ann.send(f"JOIN {name}")] == ["403"]


def test_leaving_all(ann: Client) -> None:
    ann.send("JOIN #a,#b")
    assert shown(ann.send("JOIN 0")) == ["PART #a", "PART #b"]


def test_too_many_channels() -> None:
    ann = Harness(replace(POLICY, channels_per_user=2)).connect("ann")
    assert shown(ann.send("JOIN #a,#b,#c"))[0].startswith("405 ann #c ")
    assert list(ann.user.channels) == ["#a", "#b"]


@pytest.mark.parametrize(
    ("mode", "numeric"), [("+i", "473"), ("+k key", "475"), ("+l 1", "471"), ("+b bob", "474")]
)
def test_who_may_not_enter_unless_invited(
    ann: Client, bob: Client, mode: str, numeric: str
) -> None:
    ann.send("JOIN #a")
    ann.send(f"MODE #a {mode}")
    assert [message.command for message in bob.send("JOIN #a")] == [numeric]
    ann.send("INVITE bob #a")
    bob.take()
    assert bob.send("JOIN #a")[0].command == "JOIN"
    bob.send("PART #a")
    assert [message.command for message in bob.send("JOIN #a")] == [numeric]


def test_exceptions(ann: Client, bob: Client) -> None:
    ann.send("JOIN #a")
    ann.send("MODE #a +bi *")
    ann.send("MODE #a +eI bob bob")
    assert bob.send("JOIN #a")[0].command == "JOIN"


def test_who_loses_a_race_for_the_last_place_is_told(
    harness: Harness, ann: Client, bob: Client
) -> None:
    cy = harness.connect("cy")
    ann.send("JOIN #a")
    ann.send("MODE #a +l 2")
    harness.held = True
    bob.send("JOIN #a")
    cy.send("JOIN #a")
    harness.commit(cy.session.id)
    harness.commit(bob.session.id)
    assert shown(bob.take()) == ["471 bob #a Cannot join channel (+l)"]
    assert cy.take()[0].command == "JOIN"


def test_who_cannot_ask_for_history_gets_it(harness: Harness, ann: Client) -> None:
    ann.send("JOIN #a")
    assert ann.taken_requests() == [Replay(harness.world.channels["#a"], POLICY.replay)]
    bob = harness.connect("bob", "draft/chathistory")
    bob.send("JOIN #a")
    assert bob.taken_requests() == []


def test_leaving(ann: Client, bob: Client) -> None:
    for client in (ann, bob):
        client.send("JOIN #a")
    assert shown(bob.send("PART #a :so long")) == ["PART #a so long"]
    ann.take()
    assert shown(ann.send("PART #A,#none")) == ["403 ann #none No such channel", "PART #a"]
    bob.send("JOIN #b")
    assert shown(ann.send("PART #b")) == ["442 ann #b You're not on that channel"]


def test_names(harness: Harness, ann: Client) -> None:
    ann.send("JOIN #a")
    ann.send("MODE #a +v ann")
    bob = harness.connect("bob", "multi-prefix", "userhost-in-names")
    assert shown(bob.send("NAMES #a")) == [
        "353 bob = #a @+ann!ann@cloak.test",
        "366 bob #a End of NAMES list",
    ]
    ann.send("MODE #a +s")
    assert shown(bob.send("NAMES #a")) == ["366 bob #a End of NAMES list"]
    assert shown(ann.send("NAMES #a"))[-2:] == [
        "353 ann @ #a @ann",
        "366 ann #a End of NAMES list",
    ]
    assert shown(ann.send("NAMES #none,#a,#a"))[1:] == ["366 ann #none,#a,#a End of NAMES list"]
    assert shown(ann.send("NAMES")) == ["366 ann * End of NAMES list"]


def test_the_invisible_are_named_to_members_only(ann: Client, bob: Client) -> None:
    ann.send("JOIN #a")
    ann.send("MODE ann +i")
    assert shown(bob.send("NAMES #a")) == ["366 bob #a End of NAMES list"]


def test_many_names_take_several_lines(harness: Harness, ann: Client) -> None:
    nicks = [f"{'n' * 25}{number}" for number in range(40)]
    for nick in nicks:
        harness.connect(nick).send("JOIN #a")
    *replies, _ = ann.send("NAMES #a")
    assert len(replies) > 2
    named = " ".join(reply.params[-1] for reply in replies).split()
    assert [name.lstrip("@") for name in named] == nicks


def test_topics(harness: Harness, ann: Client, bob: Client) -> None:
    ann.send("JOIN #a")
    assert shown(ann.send("TOPIC #a")) == ["331 ann #a No topic is set"]
    assert shown(ann.send("TOPIC #a :hello")) == ["TOPIC #a hello"]
    second = harness.time // 1_000_000
    assert shown(bob.send("JOIN #a"))[1:3] == [
        "332 bob #a hello",
        f"333 bob #a ann!ann@cloak.test {second}",
    ]
    assert shown(bob.send("TOPIC #a :mine")) == ["482 bob #a You're not a channel operator"]
    ann.send("MODE #a -t")
    bob.take()
    assert shown(bob.send("TOPIC #a :")) == ["TOPIC #a "]
    assert shown(bob.send("TOPIC #a")) == ["331 bob #a No topic is set"]
    assert shown(bob.send("TOPIC #none :x")) == ["403 bob #none No such channel"]


def test_kicking(harness: Harness, ann: Client, bob: Client) -> None:
    for client in (ann, bob):
        client.send("JOIN #a")
    assert shown(bob.send("KICK #a ann")) == ["482 bob #a You're not a channel operator"]
    ann.take()
    assert shown(ann.send("KICK #a bob,nobody :enough")) == [
        "401 ann nobody No such nick",
        "KICK #a bob enough",
    ]
    assert shown(bob.take()) == ["KICK #a bob enough"]
    assert shown(ann.send("KICK #a bob")) == ["441 ann bob #a They aren't on that channel"]
    assert shown(bob.send("KICK #a ann")) == ["442 bob #a You're not on that channel"]
    assert shown(ann.send("KICK #none bob")) == ["403 ann #none No such channel"]


def test_kicking_from_several_channels(harness: Harness, ann: Client, bob: Client) -> None:
    cy = harness.connect("cy")
    ann.send("JOIN #b")
    cy.send("JOIN #b")
    ann.take()
    bob.send("JOIN #b")
    ann.send("JOIN #a")
    bob.send("JOIN #a")
    ann.take()
    assert shown(ann.send("KICK #a,#b,#b,#none bob,cy,bob,dot :out")) == [
        "403 ann #none No such channel",
        "KICK #a bob out",
        "KICK #b cy out",
        "KICK #b bob out",
    ]
    assert shown(ann.send("KICK #a,#b bob")) == ["461 ann KICK Not enough parameters"]


def test_kicking_more_than_allowed_at_once() -> None:
    ann = Harness(replace(POLICY, targets=2)).connect("ann")
    ann.send("JOIN #a")
    assert [m.params[1] for m in ann.send("KICK #a b,c,d")] == ["b", "c"]


def test_a_half_operator_may_not_kick_an_operator(
    harness: Harness, ann: Client, bob: Client
) -> None:
    cy = harness.connect("cy")
    for client in (ann, bob, cy):
        client.send("JOIN #a")
    ann.send("MODE #a +h bob")
    bob.take()
    assert shown(bob.send("KICK #a ann")) == ["482 bob #a You're not a channel operator"]
    assert shown(bob.send("KICK #a cy")) == ["KICK #a cy bob"]


def test_inviting(harness: Harness, ann: Client, bob: Client) -> None:
    op = harness.connect("op", "invite-notify")
    ann.send("JOIN #a")
    op.send("JOIN #a")
    ann.send("MODE #a +o op")
    ann.take(), op.take()
    assert shown(ann.send("INVITE BOB #A")) == ["341 ann bob #a"]
    assert shown(bob.take()) == ["INVITE bob #a"]
    assert shown(op.take()) == ["INVITE bob #a"]
    assert shown(bob.send("INVITE")) == ["336 bob #a", "337 bob End of invite list"]
    bob.send("JOIN #a")
    assert shown(bob.send("INVITE")) == ["337 bob End of invite list"]
    assert shown(ann.send("INVITE bob #a"))[-1] == "443 ann bob #a is already on channel"


def test_who_is_silenced_invites_nobody_and_does_not_learn_it(
    harness: Harness, ann: Client, bob: Client
) -> None:
    ann.send("JOIN #b")
    bob.send(f"SILENCE +{ann.user.nick}!*@*")
    bob.take()
    assert shown(ann.send("INVITE bob #b")) == ["341 ann bob #b"], "as if it had been passed on"
    assert bob.take() == []
    assert bob.user.invitations == {}
    bob.send(f"SILENCE -{ann.user.nick}!*@*")
    bob.take()
    ann.send("INVITE bob #b")
    assert shown(bob.take()) == ["INVITE bob #b"]


def test_who_may_not_invite(harness: Harness, ann: Client, bob: Client) -> None:
    cy = harness.connect("cy")
    ann.send("JOIN #a")
    assert shown(bob.send("INVITE cy #a")) == ["442 bob #a You're not on that channel"]
    bob.send("JOIN #a")
    ann.send("MODE #a +i")
    bob.take()
    assert shown(bob.send("INVITE cy #a")) == ["482 bob #a You're not a channel operator"]
    assert shown(bob.send("INVITE nobody #a")) == ["401 bob nobody No such nick"]
    assert shown(cy.send("INVITE bob #none")) == ["403 cy #none No such channel"]
    assert shown(cy.send("INVITE bob")) == ["461 cy INVITE Not enough parameters"]


@pytest.mark.parametrize(
    ("mode", "numeric"), [("+k key", "475"), ("+l 1", "471"), ("+b bob", "474")]
)
def test_a_plain_member_invites_without_letting_in(
    harness: Harness, ann: Client, bob: Client, mode: str, numeric: str
) -> None:
    cy = harness.connect("cy")
    ann.send("JOIN #a")
    cy.send("JOIN #a")
    ann.send(f"MODE #a {mode}")
    assert shown(cy.send("INVITE bob #a"))[-1] == "341 cy bob #a"
    assert shown(bob.take()) == ["INVITE bob #a"]
    assert shown(bob.send("INVITE")) == ["337 bob End of invite list"]
    assert [message.command for message in bob.send("JOIN #a")] == [numeric]
    ann.send("MODE #a +h cy")
    cy.send("INVITE bob #a")
    bob.take()
    assert bob.send("JOIN #a")[0].command == "JOIN"


def test_a_server_operator_lets_in_from_outside(harness: Harness, ann: Client, bob: Client) -> None:
    root = harness.connect("root")
    root.send("OPER root secret")
    ann.send("JOIN #a")
    ann.send("MODE #a +ik key")
    root.send("INVITE bob #a")
    bob.take()
    assert bob.send("JOIN #a")[0].command == "JOIN"


def test_a_plain_invitation_takes_back_no_other(harness: Harness, ann: Client, bob: Client) -> None:
    cy = harness.connect("cy")
    ann.send("JOIN #a")
    cy.send("JOIN #a")
    ann.send("INVITE bob #a")
    ann.send("MODE #a +k key")
    cy.send("INVITE bob #a")
    bob.take()
    assert bob.send("JOIN #a")[0].command == "JOIN"


def test_who_is_away_is_invited_with_a_word(ann: Client, bob: Client) -> None:
    ann.send("JOIN #a")
    bob.send("AWAY :gone")
    ann.take()
    assert shown(ann.send("INVITE bob #a")) == ["341 ann bob #a", "301 ann bob gone"]


def test_an_invitation_ends_with_the_invited_or_the_channel(
    harness: Harness, ann: Client, bob: Client
) -> None:
    ann.send("JOIN #a,#b")
    ann.send("INVITE bob #a")
    ann.send("INVITE bob #b")
    ann.send("PART #a")
    assert list(bob.user.invitations) == ["#b"]
    bob.send("QUIT")
    assert harness.world.channels["#b"].invited == set()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("NAMES #a,#A", ["353", "366"]),
        ("PART #a,#A", ["PART"]),
        ("JOIN #b,#B", ["JOIN", "353", "366"]),
        ("KICK #a,#A BOB,bob", ["KICK"]),
        ("KICK #a BOB,bob", ["KICK"]),
        ("KICK #none,#NONE BOB,bob", ["403"]),
        ("ISON bob BOB", ["303"]),
        ("MONITOR + bob,BOB", ["730"]),
        ("INVITE bob #A", ["443"]),
    ],
)
def test_what_is_named_twice_is_meant_once(
    ann: Client, bob: Client, line: str, expected: list[str]
) -> None:
    ann.send("JOIN #a")
    bob.send("JOIN #a")
    ann.take()
    answers = ann.send(line)
    assert [m.command for m in answers] == expected
    assert answers[0].format().lower().count("bob@") <= 1


def test_who_has_silenced_somebody_is_not_invited_by_them(harness: Harness) -> None:
    ann, bob = harness.connect("ann"), harness.connect("bob")
    ann.send("JOIN #a")
    bob.send("SILENCE +ann!*@*")
    # As with messages, who is silenced does not learn of it.
    assert shown(ann.send("INVITE bob #a")) == ["341 ann bob #a"]
    assert bob.take() == []
    assert not harness.world.channels["#a"].invited
    bob.send("SILENCE -ann!*@*")
    ann.send("INVITE bob #a")
    assert [message.command for message in bob.take()] == ["INVITE"]


def test_invitations_have_a_rate_of_their_own(harness: Harness) -> None:
    ann, bob = harness.connect("ann"), harness.connect("bob")
    ann.send("JOIN #a")
    for _ in range(INVITES.limit):
        assert shown(ann.send("INVITE bob #a"))[0].startswith("341")
    (refused,) = shown(ann.send("INVITE bob #a"))
    assert refused.startswith("FAIL INVITE RATE_LIMITED bob #a")
    assert "invite again in 6 seconds" in refused
    assert len(bob.take()) == INVITES.limit


# From a session that only passes by


def quiet(harness: Harness, nick: str = "script") -> Client:
    return harness.connect(nick, "hubbub/quiet")


def test_who_passes_by_hears_a_channel_without_being_told_of_more(harness: Harness) -> None:
    ann, script = harness.connect("ann"), quiet(harness)
    ann.send("JOIN #a")
    assert shown(script.send("JOIN #none")) == ["403 script #none No such channel"]
    script.send("JOIN #a")
    assert shown(script.send("PART #none")) == ["403 script #none No such channel"]
    ann.send("MODE #a +b script!*@*")
    other = quiet(harness, "other")
    ann.send("MODE #a +i")
    assert shown(other.send("JOIN #a")) == ["473 other #a Cannot join channel (+i)"]


def test_nor_may_it_be_in_more_channels_than_anybody() -> None:
    harness = Harness(replace(POLICY, channels_per_user=1))
    ann, script = harness.connect("ann"), quiet(harness)
    ann.send("JOIN #a")
    harness.connect("bob").send("JOIN #b")
    script.send("JOIN #a")
    assert shown(script.send("JOIN #b"))[-1].startswith("405 script #b ")


def test_a_visit_becomes_a_stay_when_somebody_joins_for_good(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann", "hubbub/quiet")
    harness.connect("bob").send("JOIN #a")
    ann.send("JOIN #a")
    channel = harness.world.channels["#a"]
    assert channel.members[ann.user].visit
    loud = harness.attach(ann)
    loud.send("JOIN #a")
    assert not channel.members[ann.user].visit
