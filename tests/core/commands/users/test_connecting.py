"""CAP, PASS, NICK, USER, PING, QUIT."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.policy.policy import Policy
from hubbub.core.records.accounts import AccountRegistered, InviteMade
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Draft
from hubbub.core.world.accounts import code_digest
from hubbub.irc import capabilities as cap
from tests.core.world_harness import POLICY, Client, Harness, shown


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.open()


def test_registering(harness: Harness, ann: Client) -> None:
    assert ann.send("NICK ann") == []
    welcome = ann.send("USER ann 0 * :Ann")
    codes = [message.command for message in welcome]
    assert codes[:4] == ["001", "002", "003", "004"]
    assert "005" in codes
    assert codes[-1] == "422"
    assert welcome[0].params == ("ann", "Welcome to Test, ann!ann@cloak.test")
    assert harness.world.users["ann"].realname == "Ann"


def test_the_order_is_free(ann: Client) -> None:
    assert ann.send("USER ann 0 * :Ann") == []
    assert ann.send("NICK ann")[0].command == "001"


def test_negotiation_holds_registration(ann: Client) -> None:
    listed = ann.send("CAP LS 302")
    assert listed[0].params[:2] == ("*", "LS")
    ann.send("NICK ann")
    assert ann.send("USER ann 0 * :Ann") == []
    assert shown(ann.send("CAP REQ :batch server-time")) == ["CAP ann ACK batch server-time"]
    assert ann.send("CAP END")[0].command == "001"
    assert ann.session.caps == cap.BATCH | cap.SERVER_TIME | cap.CAP_NOTIFY
    assert ann.send("CAP END") == []


def test_all_capabilities_are_listed(ann: Client) -> None:
    lines = ann.send("CAP LS 302")
    assert all(line.params[2] == "*" for line in lines[:-1])
    words = " ".join(line.params[-1] for line in lines).split()
    values = {"sasl": "PLAIN", "draft/account-registration": "before-connect"}
    assert words == cap.advertisement(302, values)


def test_what_is_on_is_listed(harness: Harness) -> None:
    bob = harness.connect("bob", "batch", "setname")
    assert shown(bob.send("CAP LIST")) == ["CAP bob LIST batch setname"]
    assert shown(bob.send("CAP REQ -batch")) == ["CAP bob ACK -batch"]
    assert shown(bob.send("CAP LIST")) == ["CAP bob LIST setname"]


@pytest.mark.parametrize("words", ["nonsense", "batch nonsense", "-nonsense"])
def test_unknown_capabilities_are_refused_whole(ann: Client, words: str) -> None:
    assert shown(ann.send(f"CAP REQ :{words}")) == [f"CAP * NAK {words}"]
    assert ann.session.caps == cap.NONE


def test_cap_notify_cannot_be_turned_off_by_302(ann: Client) -> None:
    ann.send("CAP LS 302")
    assert shown(ann.send("CAP REQ -cap-notify")) == ["CAP * NAK -cap-notify"]


def test_unknown_subcommands(ann: Client) -> None:
    assert shown(ann.send("CAP NONSENSE")) == ["410 * NONSENSE Invalid CAP command"]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("NICK", "431 * No nickname given"),
        ("NICK :", "431 * No nickname given"),
        ("NICK 1a", "432 * 1a Erroneous nickname"),
        ("NICK :a b", "432 * * Erroneous nickname"),
        ("NICK BOB", "433 * BOB Nickname is already in use"),
        ("USER ann", "461 * USER Not enough parameters"),
        ("USER ann 0 * :", "461 * USER Not enough parameters"),
        ("USER : 0 * :x", "461 * USER Not enough parameters"),
        ("JOIN #a", "451 * You have not registered"),
        ("NONSENSE", "451 * You have not registered"),
        ("PING", "409 * No origin specified"),
    ],
)
def test_what_goes_wrong(harness: Harness, ann: Client, line: str, answer: str) -> None:
    harness.connect("bob")
    assert shown(ann.send(line)) == [answer]


def test_a_nick_lost_to_another_can_be_replaced(harness: Harness, ann: Client) -> None:
    bob = harness.open()
    harness.held = True
    for client in (ann, bob):
        client.send("NICK same")
        client.send("USER x 0 * :x")
    harness.commit(bob.session.id)
    harness.commit(ann.session.id)
    assert bob.take()[0].command == "001"
    assert shown(ann.take()) == ["433 same same Nickname is already in use"]
    harness.held = False
    assert ann.send("NICK other")[0].command == "001"


def test_changing_nick(harness: Harness) -> None:
    ann, bob = harness.connect("ann"), harness.connect("bob")
    for client in (ann, bob):
        client.send("JOIN #a")
    ann.take()
    assert [m.format() for m in ann.send("NICK Ann")] == [":ann!ann@cloak.test NICK Ann"]
    assert shown(bob.take()) == ["NICK Ann"]
    assert ann.send("NICK Ann") == []
    assert shown(ann.send("NICK bob")) == ["433 Ann bob Nickname is already in use"]
    ann.send("NICK eve")
    assert set(harness.world.users) == {"eve", "bob"}


def test_what_is_too_late(harness: Harness) -> None:
    ann = harness.connect("ann")
    for line in ("USER ann 0 * :Ann", "PASS x"):
        assert shown(ann.send(line)) == ["462 ann You may not reregister"]


@pytest.mark.parametrize(
    ("password", "right"), [("opensesame", True), ("wrong", False), (None, False)]
)
def test_the_servers_password(password: str | None, right: bool) -> None:
    ann = Harness(replace(POLICY, password="hash:opensesame")).open()
    if password is not None:
        ann.send(f"PASS {password}")
    ann.send("NICK ann")
    answered = ann.send("USER ann 0 * :Ann")
    assert answered[0].command == ("001" if right else "464")
    assert ann.closed == ("" if right else "Bad password")
    assert ann.session.password == "" or not right


def test_ping(harness: Harness, ann: Client) -> None:
    assert shown(ann.send("PING :a b")) == ["PONG hub.test a b"]
    assert ann.send("PONG x") == []


def test_quitting(harness: Harness) -> None:
    ann, bob = harness.connect("ann"), harness.connect("bob")
    for client in (ann, bob):
        client.send("JOIN #a")
    bob.take()
    ann.send("QUIT :so long")
    assert shown(bob.take()) == ["QUIT Quit: so long"]
    assert ann.session.user is None
    assert set(harness.world.users) == {"bob"}


def test_who_quits_before_registration_was_never_there(harness: Harness, ann: Client) -> None:
    ann.send("QUIT")
    assert ann.closed == "Client quit"
    assert harness.world.sessions == {}


def test_a_user_name_is_given_once(ann: Client) -> None:
    ann.send("USER ann 0 * :Ann")
    assert shown(ann.send("USER other 0 * :Other")) == ["462 * You may not reregister"]


def test_before_302_a_list_has_one_line(ann: Client) -> None:
    [listed] = ann.send("CAP LS")
    assert "=" not in listed.params[-1]
    assert set(listed.params[-1].split()) <= set(cap.CAPABILITIES)


# Nicks of accounts, and who is not let in


def with_account(policy: Policy) -> Harness:
    harness = Harness(policy)
    record = AccountRegistered(Origin(SessionId(1, harness.epoch, 0), 1), "ann", by="test")
    harness.append(Draft(record))
    harness.commit(record.origin.session)
    return harness


def test_a_nick_that_belongs_to_an_account_is_refused_with_what_to_do() -> None:
    harness = with_account(POLICY)
    (told,) = harness.open().send("NICK ann")
    assert told.command == "433"
    assert "belongs to an account" in told.params[-1]
    assert "log in" in told.params[-1]
    assert "another nick" in told.params[-1]
    bob = harness.connect("bob")
    assert bob.send("NICK ann") == [told._replace(params=("bob", *told.params[1:]))]
    # It may turn out later, too: there was no login after all, or it has become an account's.
    late = harness.open()
    for line in ("CAP LS", "NICK ann", "USER x 0 * :x"):
        late.send(line)
    assert shown(late.send("CAP END"))[-1] == f"433 ann ann {told.params[-1]}"
    lost = harness.connect("lost")
    harness.held = True
    lost.send("NICK cy")
    record = AccountRegistered(Origin(SessionId(1, harness.epoch, 0), 2), "cy", by="test")
    harness.append(Draft(record))
    harness.commit(record.origin.session)
    harness.commit(lost.session.id)
    assert shown(lost.take()) == [f"433 lost cy {told.params[-1]}"]


@pytest.mark.parametrize(
    "policy",
    [
        replace(POLICY, access="invite"),
        replace(POLICY, access="closed"),
        replace(POLICY, password="hash:secret"),
    ],
)
@pytest.mark.parametrize("first", ["", "CAP LS", "PASS wrong"])
def test_strangers_are_not_told_which_names_there_are(policy: Policy, first: str) -> None:
    harness = with_account(policy)
    told = []
    for nick in ("ann", "nobody"):
        client = harness.open(["sasl", "draft/account-registration"])
        if first:
            client.send(first)
        lines = [f"NICK {nick}", f"REGISTER {nick} * correct-horse", "USER x 0 * :x", "CAP END"]
        answers = [shown(client.send(line)) for line in lines]
        told.append(repr(answers).replace(nick, "NAME"))
    assert told[0] == told[1]


def test_who_comes_without_sasl_is_told_how_to_come_in_and_may(harness: Harness) -> None:
    harness = with_account(replace(POLICY, access="invite"))
    code = InviteMade(Origin(SessionId(1, harness.epoch, 0), 2), code_digest("hi"), 1, 0, "x")
    harness.append(Draft(code))
    harness.commit(code.origin.session)
    client = harness.open()
    client.send("USER bob 0 * :Bob")
    (told,) = client.send("NICK bob")
    assert told.params[1] == "ACCOUNT_REQUIRED"
    for way in ("SASL", "account:password", "invite code", "REGISTER * * password code"):
        assert way in told.params[-1]
    assert client.closed == ""
    assert "001" in [m.command for m in client.send("REGISTER * * correct-horse hi")]


@pytest.mark.parametrize(
    "policy",
    [
        replace(POLICY, access="closed"),
        replace(POLICY, access="invite", register_before_connect=False),
    ],
)
def test_who_can_do_nothing_about_it_is_sent_away(policy: Policy) -> None:
    client = Harness(policy).open()
    (told,) = client.send("NICK bob") + client.send("USER bob 0 * :Bob")
    assert "account:password" in told.params[-1]
    assert "REGISTER" not in told.params[-1]
    assert client.closed == told.params[-1]


def test_who_goes_on_without_having_finished_wants_to_be_let_in_without(harness: Harness) -> None:
    ann = harness.open(["sasl"])
    for line in ("CAP LS 302", "AUTHENTICATE PLAIN", "NICK ann", "USER ann 0 * :ann"):
        ann.send(line)
    ann.take()
    told = [message.command for message in ann.send("CAP END")]
    assert told[:2] == ["906", "001"]
    assert ann.session.sasl is None


def test_who_was_away_before_is_away_from_the_start(harness: Harness) -> None:
    ann = harness.open(["draft/pre-away"])
    for line in ("AWAY :out for lunch", "NICK ann", "USER ann 0 * :ann"):
        ann.send(line)
    assert ann.user.away == "out for lunch"
