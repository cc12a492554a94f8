"""One user with several sessions, and nodes that start again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hubbub.core.records import users as user_records
from hubbub.core.records.accounts import AccountSet
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Draft
from hubbub.core.records.nodes import NodeStarted
from hubbub.core.records.users import Connected
from hubbub.core.rules import RULES
from hubbub.core.world.session import Session
from hubbub.core.world.state import Membership, User
from tests.core.commands.operators_at_hand import operator
from tests.core.invariants import check
from tests.core.world_harness import Client, Harness, refusal, shown


@pytest.fixture
def pair(harness: Harness) -> tuple[Client, Client]:
    first = harness.connect_as("ann", "ann")
    return first, harness.attach(first)


def test_both_are_one_user(harness: Harness, pair: tuple[Client, Client]) -> None:
    first, second = pair
    assert first.user is second.user
    assert len(harness.world.users) == 1
    second.send("JOIN #a")
    assert shown(first.take())[0] == "JOIN #a"
    first.send("NICK eve")
    assert shown(second.take())[-1] == "NICK eve"


def test_the_user_stays_until_the_last_session_ends(
    harness: Harness, pair: tuple[Client, Client]
) -> None:
    bob = harness.connect("bob")
    for client in (pair[0], bob):
        client.send("JOIN #a")
    bob.take()
    pair[0].send("QUIT")
    assert bob.take() == []
    check(harness.world)
    pair[1].send("QUIT :bye")
    assert shown(bob.take()) == ["QUIT Quit: bye"]
    assert set(harness.world.users) == {"bob"}


def test_the_users_direct_messages_go_on(harness: Harness, pair: tuple[Client, Client]) -> None:
    pair[0].send("QUIT")
    bob = harness.connect("bob")
    bob.send("PRIVMSG ann :still there?")
    assert shown(pair[1].take()) == ["PRIVMSG ann still there?"]


def test_nobody_attaches_to_another(harness: Harness, pair: tuple[Client, Client]) -> None:
    stranger = harness.open()
    for account in ("", "other"):
        stranger.in_flight += 1
        record = Connected(Origin(stranger.session.id, 1), "ann", "x", "h", "x", account)
        harness.append(Draft(record))
        harness.settle()
        assert stranger.session.user is None
    assert len(pair[0].user.sessions) == 2


def test_a_node_that_starts_again_has_lost_its_sessions(
    harness: Harness, pair: tuple[Client, Client]
) -> None:
    pair[0].send("JOIN #a")
    harness.restart()
    assert harness.world.users == {}
    assert harness.world.channels == {}
    assert [past.nick for past in harness.world.whowas] == ["ann"]
    assert harness.connect_as("ann", "ann").user.nick == "ann"


def test_a_guests_messages_end_with_the_guest_and_an_accounts_do_not(harness: Harness) -> None:
    guest, ann = harness.connect("guest"), harness.connect_as("ann", "ann")
    guest.send("QUIT")
    ann.send("QUIT")
    assert harness.histories_ended == ["@g:1.1.1/*"]


def test_those_of_other_nodes_see_who_went_with_a_node(harness: Harness) -> None:
    ann, bob = harness.connect("ann"), harness.connect("bob")
    harness.enter(NodeStarted(Origin(SessionId(2, 1, 0), 0), RULES))
    far = Client(Session(SessionId(2, 1, 1), "cloak.test"), harness)
    harness.clients[far.session.id] = far
    far.in_flight += 1
    origin = Origin(far.session.id, 0)
    harness.append(Draft(Connected(origin, "far", "far", "cloak.test", "far")))
    harness.settle()
    for client in (ann, bob, far):
        client.send("JOIN #a,#b")
    ann.take(), bob.take(), far.take()
    harness.append(Draft(NodeStarted(Origin(SessionId(1, 2, 0), 0), RULES)))
    harness.settle()
    told = far.take()
    assert [message.nick for message in told] == ["ann", "bob"]
    assert shown(told) == ["QUIT Server restarted"] * 2
    assert ann.take() == bob.take() == []
    assert list(harness.world.sessions) == [far.session.id]
    assert list(harness.world.channels["#a"].members) == [far.user]
    check(harness.world)


class CountedMembers(dict[User, Membership]):
    """Count how many members are looked at."""

    looks = 0

    def __iter__(self) -> Iterator[User]:
        for user in super().__iter__():
            CountedMembers.looks += 1
            yield user


def test_a_node_starts_again_without_looking_at_each_pair(harness: Harness) -> None:
    for number in range(40):
        harness.connect(f"n{number}").send("JOIN #a")
    channel = harness.world.channels["#a"]
    channel.members = CountedMembers(channel.members)
    CountedMembers.looks = 0
    harness.restart()
    assert not harness.world.users
    assert not harness.world.channels
    assert CountedMembers.looks <= 40


# What comes too late, and what users say of themselves

STRANGER = Origin(SessionId(1, 1, 999), 1)


def test_nothing_follows_from_what_somebody_asked_for_who_is_gone(harness: Harness) -> None:
    for record in (
        user_records.Disconnected(STRANGER, "x!x@x", "gone"),
        user_records.UserModesSet(STRANGER, "x!x@x", ("+i",)),
        user_records.AwaySet(STRANGER, "x!x@x", "gone"),
        user_records.RealnameSet(STRANGER, "x!x@x", "X"),
        user_records.SilenceSet(STRANGER, ("x!*@*",), ()),
        user_records.StayEnded(STRANGER, "x!x@x", STRANGER.session, 0, "gone"),
    ):
        assert harness.enter(record) == []


def test_nobody_is_ended_by_who_does_not_own_the_nick_nor_may_kill(harness: Harness) -> None:
    ann, bob = harness.connect_as("ann", "ann"), harness.connect_as("bob", "bob")
    for by_owner in (True, False):
        record = user_records.Killed(
            bob.origin, bob.user.source, ann.user.source, "mine", to=ann.user.id, by_owner=by_owner
        )
        assert refusal(harness.enter(record)) == "481"
    assert not ann.closed


def test_a_kill_meets_who_was_meant_and_not_who_took_the_nick(harness: Harness) -> None:
    root, ann = harness.connect("root"), harness.connect("ann")
    root.send("OPER root secret")
    other = user_records.Killed(
        root.origin, root.user.source, ann.user.source, "x", to=STRANGER.session
    )
    assert refusal(harness.enter(other)) == "401"
    harness.enter(
        user_records.Killed(root.origin, root.user.source, ann.user.source, "x", to=ann.user.id)
    )
    assert ann.closed == "Killed (root (x))"


def test_a_kill_of_who_has_risen_meanwhile_is_refused(harness: Harness) -> None:
    mod, boss = operator(harness, "mod", "moderator"), operator(harness, "boss", "owner")
    kill = user_records.Killed(mod.origin, mod.user.source, boss.user.source, "x", to=boss.user.id)
    assert refusal(harness.enter(kill)) == "481"
    assert not boss.closed


def test_what_a_user_says_of_itself_is_told_to_those_around(harness: Harness) -> None:
    ann, bob = harness.connect("ann"), harness.connect("bob", "setname", "away-notify")
    for client in (ann, bob):
        client.send("JOIN #a")
    bob.take()
    source = ann.user.source
    harness.enter(user_records.RealnameSet(ann.origin, source, "Ann A."))
    for text in ("lunch", "lunch", ""):
        harness.enter(user_records.AwaySet(ann.origin, source, text))
    harness.enter(user_records.UserModesSet(ann.origin, source, ("+i", "+w", "-w")))
    assert shown(bob.take()) == ["SETNAME Ann A.", "AWAY lunch", "AWAY"]
    assert ann.user.modes == {"i"}


def test_who_is_refused_at_the_door_is_told_why(harness: Harness) -> None:
    root, _ = harness.connect("root"), harness.account("ann")
    root.send("OPER root secret")
    root.send("UBAN ADD bad!*@* 1h")
    for nick, account, answer in (
        ("bad", "", "465"),
        ("root", "", "433"),
        ("ann", "", "433"),
        ("eve", "none", "904"),
        ("eve", "", ""),
    ):
        session = harness.open()
        record = Connected(session.origin, nick, "x", "host", "x", account)
        assert refusal(harness.enter(record)) == answer


def test_masks_are_silenced_once_each_and_so_many(harness: Harness) -> None:
    ann = harness.connect("ann")
    for added, removed, answer, kept in (
        (("a!*@*", "b!*@*"), (), "", ("a!*@*", "b!*@*")),
        (("A!*@*",), (), "", ("a!*@*", "b!*@*")),
        (("c!*@*",), (), "511", ("a!*@*", "b!*@*")),
        (("c!*@*",), ("A!*@*",), "", ("b!*@*", "c!*@*")),
        ((), ("b!*@*", "c!*@*"), "", ()),
    ):
        assert (
            refusal(harness.enter(user_records.SilenceSet(ann.origin, added, removed, 2))) == answer
        )
        assert harness.world.silenced.get(ann.user.presence, ()) == kept


def test_who_only_passed_by_comes_as_the_session_wants_at_which_somebody_sits(
    harness: Harness,
) -> None:
    watcher = harness.connect("watcher")
    watcher.send("MONITOR + ann,eve")
    watcher.take()
    script = harness.connect_as("eve", "ann", "hubbub/quiet")
    assert (script.user.nick, watcher.take()) == ("ann", [])
    harness.connect_as("eve", "ann")
    assert script.user.nick == "eve"
    assert shown(watcher.take()) == ["730 watcher eve!eve@cloak.test"]


# Accounts that stay


@pytest.fixture
def stayer(harness: Harness) -> Client:
    """Return somebody in #a who stays when not connected."""
    ann = harness.connect_as("ann", "ann")
    ann.send("PERSISTENCE SET ON")
    ann.send("JOIN #a")
    return ann


@pytest.fixture
def witness(harness: Harness, stayer: Client) -> Client:
    bob = harness.connect("bob", "away-notify")
    bob.send("JOIN #a")
    bob.take()
    return bob


def test_who_stays_is_away_and_comes_back(
    harness: Harness, stayer: Client, witness: Client
) -> None:
    user = stayer.user
    stayer.send("QUIT")
    assert shown(witness.take()) == ["AWAY Not connected"]
    assert harness.world.user("ann") is user
    back = harness.connect_as("other", "ann")
    assert back.user is user
    assert shown(witness.take()) == ["AWAY"]
    check(harness.world)


def test_who_stays_outlives_the_node(harness: Harness, stayer: Client) -> None:
    user = stayer.user
    harness.restart()
    assert list(harness.world.users.values()) == [user]
    assert not user.sessions
    assert user.away
    check(harness.world)
    assert harness.connect_as("ann", "ann").user is user


def test_who_stays_goes_with_the_last_channel(
    harness: Harness, stayer: Client, witness: Client
) -> None:
    oper = harness.connect("oper")
    oper.send("OPER root secret")
    stayer.send("MODE #a +o bob")
    stayer.send("QUIT")
    witness.send("KICK #a ann")
    assert harness.world.user("ann") is None
    assert not harness.account("ann").users
    check(harness.world)


def test_a_stay_that_was_too_long_ends_unless_one_was_here_meanwhile(
    harness: Harness, stayer: Client, witness: Client
) -> None:
    user = stayer.user
    stayer.send("QUIT")
    since = harness.world.left[user]
    harness.time += 60_000_000
    harness.connect_as("ann", "ann").send("QUIT")
    witness.take()
    harness.retain(1)
    harness.time += 1_000_000
    late, right = (
        user_records.StayEnded(harness.console, user.source, user.id, when, "too long")
        for when in (since, harness.world.left[user])
    )
    assert harness.enter(late) == []
    harness.enter(right)
    assert shown(witness.take()) == ["QUIT too long"]
    assert harness.world.user("ann") is None


def test_who_changes_the_mind_elsewhere_goes(
    harness: Harness, stayer: Client, witness: Client
) -> None:
    stayer.send("QUIT")
    elsewhere = harness.connect("elsewhere")
    elsewhere.session.account = "ann"
    elsewhere.in_flight += 1
    elsewhere.session.requests += 1
    origin = Origin(elsewhere.session.id, elsewhere.session.requests)
    witness.take()
    harness.append(Draft(AccountSet(origin, "ann", "persist", "off")))
    harness.settle()
    assert shown(witness.take()) == ["QUIT Not connected any more"]
    assert harness.world.user("ann") is None
    check(harness.world)


@pytest.mark.parametrize("connected", [True, False])
@pytest.mark.parametrize("command", ["ACCOUNT SUSPEND ann", "ACCOUNT SURE DROP ann", "KILL ann"])
def test_who_is_sent_away_does_not_stay(
    harness: Harness, stayer: Client, witness: Client, command: str, connected: bool
) -> None:
    oper = harness.connect("oper")
    oper.send("OPER root secret")
    if not connected:
        stayer.send("QUIT")
    oper.send(command)
    assert harness.world.user("ann") is None
    assert "QUIT" in [message.command for message in witness.take()]
    check(harness.world)


def test_many_that_come_at_once_are_one_user(harness: Harness) -> None:
    harness.account("ann")
    harness.held = True
    clients = []
    for number in range(30):
        client = harness.open()
        client.session.account, client.session.credential = "ann", ("password", "")
        for line in (f"NICK ann{number}", "USER x 0 * :x"):
            client.send(line)
        clients.append(client)
    harness.commit_all()
    assert {client.user.id for client in clients} == {clients[0].session.id}
    assert clients[0].user.nick == "ann0"
    assert len(harness.world.users) == 1
    check(harness.world)


def test_nobody_sits_at_a_session_that_says_so_before(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    client = harness.open(["draft/pre-away"])
    client.session.account, client.session.credential = "ann", ("password", "")
    for line in ("AWAY *", "NICK ann", "USER x 0 * :x"):
        client.send(line)
    assert client.user is ann.user
    assert not ann.user.away
    ann.send("QUIT")
    assert client.user.away == "Not connected"
    client.send("AWAY")
    assert client.user.away == ""
    check(harness.world)
