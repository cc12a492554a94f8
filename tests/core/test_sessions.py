"""One user with several sessions, and nodes that start again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hubbub.core.records.accounts import AccountSet
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Draft
from hubbub.core.records.nodes import NodeStarted
from hubbub.core.records.users import Connected
from hubbub.core.world import expiry
from hubbub.core.world.expiry import expired
from hubbub.core.world.session import Session
from hubbub.core.world.state import Membership, User
from tests.core.invariants import check
from tests.core.world_harness import Client, Harness, shown


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
    far = Client(Session(SessionId(2, 1, 1), "cloak.test"), harness)
    harness.clients[far.session.id] = far
    far.in_flight += 1
    origin = Origin(far.session.id, 0)
    harness.append(Draft(Connected(origin, "far", "far", "cloak.test", "far")))
    harness.settle()
    for client in (ann, bob, far):
        client.send("JOIN #a,#b")
    ann.take(), bob.take(), far.take()
    harness.append(Draft(NodeStarted(Origin(SessionId(1, 2, 0), 0))))
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


def test_who_stays_away_too_long_goes(harness: Harness) -> None:
    ann, bob = harness.connect_as("ann", "ann"), harness.connect("bob")
    ann.send("PERSISTENCE SET ON")
    for client in (ann, bob):
        client.send("JOIN #a")
    ann.send("QUIT")
    bob.take()
    left = harness.time // 1_000_000
    assert list(expired(harness.world, "hub.test", left + 59, 60)) == []
    assert list(expired(harness.world, "hub.test", left + 3600, 0)) == []
    (make,) = filter(None, expired(harness.world, "hub.test", left + 60, 60))
    early = harness.connect_as("ann", "ann")
    harness.append(Draft(make(Origin(SessionId(1, 1, 0), 7))))
    harness.settle()
    assert early.user in harness.world.left or early.user.sessions, "who came back stays"
    early.send("QUIT")
    bob.take()
    (make,) = filter(None, expired(harness.world, "hub.test", harness.time // 1_000_000 + 60, 60))
    harness.append(Draft(make(Origin(SessionId(1, 1, 0), 8))))
    harness.settle()
    assert shown(bob.take()) == ["QUIT Has not been connected for long"]
    assert set(harness.world.users) == {"bob"}
    check(harness.world)


def test_those_whose_scripts_pass_by_keep_nobody_else_here(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry, "STAYS_AT_ONCE", 2)
    for name in ("ann", "bob", "cat", "dan", "eve"):
        client = harness.connect_as(name, name)
        for line in ("PERSISTENCE SET ON", "JOIN #a", "QUIT"):
            client.send(line)
    for name in ("ann", "bob", "cat"):
        harness.connect_as(name, name, "hubbub/quiet")
    later = harness.time // 1_000_000 + 3600
    makers = filter(None, expired(harness.world, "h", later, 60))
    over = [make(Origin(SessionId(1, 1, 0), 7)) for make in makers]
    assert [record.source.partition("!")[0] for record in over] == ["dan", "eve"]
