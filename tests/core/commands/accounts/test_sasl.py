"""AUTHENTICATE: who gets in by which mechanism, and what others are told."""

from __future__ import annotations

import base64
from dataclasses import replace

import pyotp
import pytest

from hubbub.core import requests
from hubbub.core.dispatch import dispatch
from hubbub.core.policy.policy import OperBlock
from hubbub.core.policy.privileges import OWNER
from hubbub.core.records.accounts import LoggedIn
from hubbub.irc.message import Message
from tests.core.invariants import check
from tests.core.world_harness import POLICY, Client, Harness, shown

FAILED = "904"
SUCCESS = "903"


def plain(account: str, password: str, acting_for: str = "") -> str:
    return encoded(f"{acting_for}\0{account}\0{password}")


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def authenticate(client: Client, mechanism: str, *messages: str) -> list[str]:
    """Return the numerics of an exchange."""
    client.take()
    answers = client.send(f"AUTHENTICATE {mechanism}")
    for message in messages:
        answers += client.send(f"AUTHENTICATE {message}")
    return [answer.command for answer in answers if answer.command != "AUTHENTICATE"]


def log_in(client: Client, account: str = "ann", password: str = "") -> list[str]:
    return authenticate(client, "PLAIN", plain(account, password or "secret"))


@pytest.fixture
def newcomer(harness: Harness) -> Client:
    """Return a connection that negotiates, on a server that has the account ann."""
    harness.account("ann")
    client = harness.open(["sasl"])
    client.send("CAP LS 302")
    client.take()
    return client


def begin(client: Client, nick: str = "ann") -> list[str]:
    """Return the commands that a session is answered with which registers."""
    answers = [*client.send(f"NICK {nick}"), *client.send("USER x 0 * :x")]
    return [answer.command for answer in [*answers, *client.send("CAP END")]]


def with_totp(harness: Harness, account: str = "ann") -> tuple[pyotp.TOTP, list[str]]:
    """Turn two-factor authentication on; return what makes codes, and the recovery codes.

    The code that confirmed it is a step old afterwards.
    """
    owner = harness.connect_as("owner", account)
    key = owner.send("TOTP BEGIN")[0].params[1]
    totp = pyotp.TOTP(key)
    answers = owner.send(f"TOTP CONFIRM {now_code(harness, totp)}")
    recovery = next(answer.params[1] for answer in answers if answer.params[0] == "RECOVERY")
    owner.send("QUIT")
    harness.time += 30_000_000
    return totp, recovery.split()


def now_code(harness: Harness, totp: pyotp.TOTP) -> str:
    return totp.at(harness.time // 1_000_000)


# PLAIN


def test_a_right_password_logs_in_and_gives_the_nick(harness: Harness, newcomer: Client) -> None:
    assert log_in(newcomer) == ["900", SUCCESS]
    assert "001" in begin(newcomer)
    assert newcomer.user.account == "ann"
    check(harness.world)


@pytest.mark.parametrize(
    "message",
    [
        plain("ann", "wrong"),
        plain("nobody", "secret"),
        plain("ann", "secret", "bob"),
        plain("", "secret"),
        plain("ann", ""),
        encoded("ann\0secret"),
        encoded("\0ann\0secret\0more"),
        "not base64!",
        "é",
        "////",
        "+",
    ],
)
def test_anything_else_does_not(newcomer: Client, message: str) -> None:
    assert authenticate(newcomer, "PLAIN", message) == [FAILED]
    assert newcomer.session.account == ""
    assert begin(newcomer)[-1] == "433"


def test_one_may_act_for_oneself(newcomer: Client) -> None:
    assert authenticate(newcomer, "PLAIN", plain("ann", "secret", "ANN"))[-1] == SUCCESS


def test_a_message_comes_in_parts(newcomer: Client) -> None:
    long = base64.b64encode(b"\0ann\0" + b"x" * 294).decode()
    assert len(long) == 400
    assert authenticate(newcomer, "PLAIN", long, "+") == [FAILED]
    newcomer.send("AUTHENTICATE PLAIN")
    assert shown(newcomer.send(f"AUTHENTICATE {'A' * 401}"))[0].startswith("905")
    newcomer.send("AUTHENTICATE PLAIN")
    answers = [newcomer.send(f"AUTHENTICATE {'A' * 400}") for _ in range(7)]
    assert [answer[0].command for answer in answers if answer] == [FAILED]


def test_an_exchange_can_be_aborted(newcomer: Client) -> None:
    newcomer.send("AUTHENTICATE PLAIN")
    assert shown(newcomer.send("AUTHENTICATE *"))[0].startswith("906")
    assert log_in(newcomer)[-1] == SUCCESS


def test_a_mechanism_that_is_not_offered_is_none(newcomer: Client) -> None:
    for mechanism in ("EXTERNAL", "SCRAM-SHA-256", "NONE", "plain,"):
        assert authenticate(newcomer, mechanism) == ["908", FAILED]


def test_it_takes_the_capability(harness: Harness) -> None:
    harness.account("ann")
    assert authenticate(harness.open(), "PLAIN") == [FAILED]


def test_who_does_not_exist_is_checked_as_long(harness: Harness, newcomer: Client) -> None:
    asked: list[requests.Prove] = []
    prove = harness.prove
    harness.prove = lambda effect: asked.append(effect) or prove(effect)  # type: ignore[func-returns-value,method-assign]
    log_in(newcomer, "nobody")
    log_in(newcomer, "ann", "wrong")
    assert [(one.account, bool(one.password)) for one in asked] == [
        ("nobody", False),
        ("ann", True),
    ]


def test_a_password_that_was_changed_meanwhile_is_wrong(harness: Harness, newcomer: Client) -> None:
    owner = harness.connect_as("owner", "ann")
    harness.held = True
    newcomer.send("AUTHENTICATE PLAIN")
    newcomer.send(f"AUTHENTICATE {plain('ann', 'secret')}")
    owner.send("PASSWD secret another-secret")
    harness.commit(owner.session.id)
    harness.commit(newcomer.session.id)
    assert [answer.command for answer in newcomer.take()][-1] == FAILED
    assert newcomer.session.account == ""


# EXTERNAL


def test_a_certificate_is_its_accounts_only(harness: Harness, newcomer: Client) -> None:
    owner = harness.connect_as("owner", "ann")
    owner.session.certfp = "a" * 64
    owner.send("CERT ADD")
    harness.account("bob")
    for certfp, name, outcome in (
        ("", "", ["908", FAILED]),
        ("b" * 64, "", [FAILED]),
        ("b" * 64, "ann", [FAILED]),
        ("a" * 64, "bob", [FAILED]),
        ("a" * 64, "ann", ["900", SUCCESS]),
        ("a" * 64, "", ["900", SUCCESS]),
    ):
        newcomer.session.certfp = certfp
        message = encoded(name) if name else "+"
        assert authenticate(newcomer, "EXTERNAL", *([message] if certfp else [])) == outcome


# One-time passwords


def test_a_password_alone_is_not_enough(harness: Harness, newcomer: Client) -> None:
    totp, _ = with_totp(harness)
    assert log_in(newcomer) == [FAILED]
    assert log_in(newcomer, password="secret:000000") == [FAILED]
    assert log_in(newcomer, password=f"wrong:{now_code(harness, totp)}") == [FAILED]
    assert log_in(newcomer, password=f"secret:{now_code(harness, totp)}")[-1] == SUCCESS


def test_a_code_counts_once(harness: Harness, newcomer: Client) -> None:
    totp, _ = with_totp(harness)
    password = f"secret:{now_code(harness, totp)}"
    other = harness.open(["sasl"])
    assert log_in(newcomer, password=password)[-1] == SUCCESS
    assert log_in(other, password=password) == [FAILED]
    harness.time += 30_000_000
    assert log_in(other, password=password) == [FAILED], "near enough, but used"


def test_a_code_counts_once_for_two_at_once(harness: Harness, newcomer: Client) -> None:
    totp, _ = with_totp(harness)
    message = plain("ann", f"secret:{now_code(harness, totp)}")
    harness.held = True
    both = [newcomer, harness.open(["sasl"])]
    for client in both:
        client.send("AUTHENTICATE PLAIN")
        client.send(f"AUTHENTICATE {message}")
    harness.commit_all()
    assert [client.session.account for client in both] == ["ann", ""]


def test_the_code_that_turned_it_on_is_used(harness: Harness, newcomer: Client) -> None:
    totp, _ = with_totp(harness)
    earlier = totp.at(harness.time // 1_000_000 - 30)
    assert log_in(newcomer, password=f"secret:{earlier}") == [FAILED]


def test_a_recovery_code_counts_once(harness: Harness, newcomer: Client) -> None:
    _, recovery = with_totp(harness)
    harness.held = True
    both = [newcomer, harness.open(["sasl"])]
    for client in both:
        client.send("AUTHENTICATE PLAIN")
        client.send(f"AUTHENTICATE {plain('ann', 'secret:' + recovery[0].lower())}")
    harness.commit_all()
    harness.held = False
    assert [client.session.account for client in both] == ["ann", ""]
    assert log_in(harness.open(["sasl"]), password=f"secret:{recovery[1]}")[-1] == SUCCESS


def test_who_proved_a_password_before_there_were_two_factors_has_to_prove_both(
    harness: Harness, newcomer: Client
) -> None:
    owner = harness.connect_as("owner", "ann")
    totp = pyotp.TOTP(owner.send("TOTP BEGIN")[0].params[1])
    harness.held = True
    newcomer.send("AUTHENTICATE PLAIN")
    newcomer.send(f"AUTHENTICATE {plain('ann', 'secret')}")
    owner.send(f"TOTP CONFIRM {now_code(harness, totp)}")
    harness.commit(owner.session.id)
    harness.commit_all()
    assert newcomer.session.account == ""


# SCRAM-SHA-256


@pytest.fixture
def scram(harness: Harness, newcomer: Client) -> Client:
    harness.policy = replace(POLICY, scram=True)
    return newcomer


def asked(client: Client) -> requests.Scram:
    (found,) = [one for one in client.taken_requests() if isinstance(one, requests.Scram)]
    return found


def test_scram_asks_for_the_keys_of_the_account_only(harness: Harness, scram: Client) -> None:
    account = harness.account("ann")
    scram.send("AUTHENTICATE SCRAM-SHA-256")
    scram.send(f"AUTHENTICATE {encoded('n,,n=ann,r=nonce')}")
    assert asked(scram).seq == account.credentials["password", ""].seq


@pytest.mark.parametrize("name", ["nobody", "with-totp"])
def test_scram_is_led_to_its_end_for_who_cannot_use_it(
    harness: Harness, scram: Client, name: str
) -> None:
    harness.account("with-totp")
    with_totp(harness, "with-totp")
    scram.send("AUTHENTICATE SCRAM-SHA-256")
    assert scram.send(f"AUTHENTICATE {encoded(f'n,,n={name},r=nonce')}") == []
    first = asked(scram)
    assert (first.seq, first.first) == (0, True)


@pytest.mark.parametrize(
    "message", ["n,a=bob,n=ann,r=x", "n,,r=x", "n,,n=,r=x", "n", "", "n,,m=1,n=ann,r=x"]
)
def test_scram_names_one_account(scram: Client, message: str) -> None:
    assert authenticate(scram, "SCRAM-SHA-256", encoded(message) or "+") == [FAILED]
    assert not scram.taken_requests()


def test_scram_logs_in_after_the_servers_proof(harness: Harness, scram: Client) -> None:
    scram.send("AUTHENTICATE SCRAM-SHA-256")
    scram.send(f"AUTHENTICATE {encoded('n,a=ann,n=ann,r=nonce')}")
    asked(scram).then("r=nonce2,s=salt,i=4096")
    # The client has to send a proof before its empty last message.
    scram.send("AUTHENTICATE +")
    second = asked(scram)
    assert not second.first
    assert scram.session.account == ""
    second.then(requests.Proof(False))
    assert scram.session.sasl is None


# Who may


def test_a_suspended_account_is_told_so_and_stays_out(harness: Harness, newcomer: Client) -> None:
    operator(harness).send("ACCOUNT SUSPEND ann :for now")
    newcomer.send("AUTHENTICATE PLAIN")
    told = shown(newcomer.send(f"AUTHENTICATE {plain('ann', 'secret')}"))
    assert told[0].endswith("This account is suspended: for now")
    assert told[1].startswith("902")
    newcomer.send("AUTHENTICATE PLAIN")
    assert len(newcomer.send(f"AUTHENTICATE {plain('ann', 'wrong')}")) == 1, "proved first"


def test_who_is_half_registered_goes_when_the_account_is_suspended(
    harness: Harness, newcomer: Client
) -> None:
    log_in(newcomer)
    operator(harness).send("ACCOUNT SUSPEND ann :for now")
    assert newcomer.closed
    assert harness.world.user("ann") is None


def test_whose_record_is_on_its_way_does_not_come_in(harness: Harness, newcomer: Client) -> None:
    root = operator(harness)
    log_in(newcomer)
    harness.held = True
    begin(newcomer)
    root.send("ACCOUNT SUSPEND ann :for now")
    harness.commit(root.session.id)
    harness.commit_all()
    assert harness.world.user("ann") is None
    check(harness.world)


def test_a_login_on_its_way_fails_with_the_account(harness: Harness, newcomer: Client) -> None:
    for command in ("ACCOUNT SUSPEND ann", "ACCOUNT SURE DROP ann"):
        root = operator(harness)
        harness.held = True
        newcomer.send("AUTHENTICATE PLAIN")
        newcomer.send(f"AUTHENTICATE {plain('ann', 'secret')}")
        root.send(command)
        harness.commit(root.session.id)
        harness.commit_all()
        harness.held = False
        assert newcomer.session.account == ""
        root.send("QUIT")


def operator(harness: Harness) -> Client:
    operators = {"root": OperBlock("hash:secret", OWNER)}
    harness.policy = replace(harness.policy, operators=operators)
    client = harness.connect("oper")
    client.send("OPER root secret")
    client.take()
    return client


# Once one is here


def test_a_guest_becomes_somebody(harness: Harness) -> None:
    guest, witness = harness.connect("guest", "sasl"), harness.connect("wit", "account-notify")
    harness.account("ann")
    for client in (guest, witness):
        client.send("JOIN #a")
    witness.take()
    assert log_in(guest)[-1] == SUCCESS
    assert shown(witness.take()) == ["ACCOUNT ann"]
    assert guest.user.nick == "guest"


def test_another_account_takes_powers_levels_and_nick_away(harness: Harness) -> None:
    root = operator(harness)
    ann = harness.connect_as("ann", "ann", "sasl")
    harness.account("bob")
    root.send("ACCOUNT OPERATOR ann owner")
    ann.send("JOIN #a")
    ann.send("CHANNEL REGISTER #a")
    assert ann.user.may("accounts")
    assert "q" in harness.world.channels["#a"].members[ann.user].statuses
    assert log_in(ann, "bob")[-1] == SUCCESS
    assert not ann.user.is_operator
    assert harness.world.channels["#a"].level("bob") == ""
    assert "q" not in harness.world.channels["#a"].members[ann.user].statuses
    assert ann.user.nick.startswith("Guest")
    check(harness.world)


def test_who_has_other_sessions_stays_who_it_is(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann", "sasl")
    harness.attach(ann)
    harness.account("bob")
    assert log_in(ann, "bob") == ["907"]
    assert ann.user.account == "ann"


def test_a_second_session_that_came_meanwhile_counts(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann", "sasl")
    harness.account("bob")
    harness.held = True
    ann.send("AUTHENTICATE PLAIN")
    ann.send(f"AUTHENTICATE {plain('bob', 'secret')}")
    second = harness.attach(ann)
    harness.commit(second.session.id)
    harness.commit_all()
    assert ann.user is second.user
    assert ann.user.account == "ann"
    check(harness.world)


def test_a_login_is_kept_without_the_password(harness: Harness, newcomer: Client) -> None:
    log_in(newcomer)
    (record,) = harness.records(LoggedIn)
    assert "secret" not in repr(record)


@pytest.mark.parametrize("there", [True, False])
def test_scram_logs_in_whose_account_is_still_there(
    harness: Harness, scram: Client, there: bool
) -> None:
    scram.send("AUTHENTICATE SCRAM-SHA-256")
    for message, reply in (("n,,n=ann,r=nonce", "r=nonce2,s=salt,i=4096"), ("c=biws", "v=proof")):
        ctx = scram.command_context(Message("AUTHENTICATE", (encoded(message),)))
        dispatch(ctx)
        (effect,) = [one for one in ctx.requests if isinstance(one, requests.Scram)]
        ctx.requests.clear()
        effect.then(reply)
        scram.carry_out(ctx)
    assert scram.session.account == ""
    harness.account("ann").dropped = not there
    told = [message.command for message in scram.send("AUTHENTICATE +")]
    assert told[-1] == (SUCCESS if there else FAILED)
    assert scram.session.account == ("ann" if there else "")
