"""A taken-over account, and the back doors of an operator who is kept out."""

from __future__ import annotations

import pytest

from hubbub.core.records.moderation import OperatorActed
from hubbub.core.snapshot import decode, encode
from tests.core.commands.accounts.test_sasl import log_in
from tests.core.commands.operators_at_hand import failure, operator
from tests.core.invariants import check
from tests.core.world_harness import Client, Harness, shown


@pytest.fixture
def admin(harness: Harness) -> Client:
    return operator(harness, "root", "admin")


def make_token(owner: Client, label: str, scope: str = "") -> str:
    return owner.send(f"TOKEN ADD {label} {scope}".rstrip())[0].params[2]


def test_what_a_thief_made_logs_in_no_more(harness: Harness, admin: Client) -> None:
    thief = harness.connect_as("ann", "ann")
    token = make_token(thief, "mine")
    thief.send("KEY ADD SHA256:" + "A" * 43)
    assert failure(admin.send("ACCOUNT REVOKE ann ALL")) == "NOT_CONFIRMED"
    assert not thief.closed
    told = shown(admin.send("ACCOUNT SURE REVOKE ann ALL"))
    assert told[0].startswith("ACCOUNT OUT ann Nothing logs in to it any more")
    assert thief.closed
    assert not harness.world.account("ann").credentials
    for password in (token, "secret"):
        assert log_in(harness.open(["sasl"]), password=password) == ["904"]
    code = admin.send("ACCOUNT PASSWORD ann")[0].params[2]
    harness.open().send(f"RESETPASS ann {code} correct-horse")
    assert log_in(harness.open(["sasl"]), password=token) == ["904"]
    assert log_in(harness.open(["sasl"]), password="correct-horse")[-1] == "903"
    check(harness.world)


def test_one_token_and_only_it(harness: Harness, admin: Client) -> None:
    ann = harness.connect_as("ann", "ann")
    phone, laptop = make_token(ann, "phone"), make_token(ann, "laptop")
    with_phone = harness.open(["sasl"])
    assert log_in(with_phone, password=phone)[-1] == "903"
    assert failure(admin.send("ACCOUNT REVOKE ann TOKEN tablet")) == "NOT_FOUND"
    assert failure(admin.send("ACCOUNT REVOKE ann TOKEN")) == "NOT_FOUND"
    assert failure(admin.send("ACCOUNT REVOKE ann EVERY thing")) == "INVALID_PARAMS"
    admin.send("ACCOUNT REVOKE ann TOKEN phone")
    assert with_phone.closed
    assert not ann.closed
    assert log_in(harness.open(["sasl"]), password=phone) == ["904"]
    assert log_in(harness.open(["sasl"]), password=laptop)[-1] == "903"
    assert "ACCOUNT REVOKE" in str(harness.records(OperatorActed)[-1])


def test_a_key_by_the_beginning_of_its_fingerprint(harness: Harness, admin: Client) -> None:
    ann = harness.connect_as("ann", "ann")
    for letter in "AB":
        ann.send(f"KEY ADD SHA256:{letter * 43}")
    assert failure(admin.send("ACCOUNT REVOKE ann KEY SHA256:")) == "NOT_FOUND"
    admin.send("ACCOUNT REVOKE ann KEY SHA256:AAA")
    (held,) = harness.account("ann").of_kind("ssh")
    assert held.id.endswith("B")


def test_a_password_alone_ends_who_came_by_it(harness: Harness, admin: Client) -> None:
    ann = harness.connect_as("ann", "ann")
    admin.send("ACCOUNT REVOKE ann PASSWORD")
    assert ann.closed
    assert log_in(harness.open(["sasl"])) == ["904"]


def test_connections_are_listed_with_what_they_came_by_and_ended(
    harness: Harness, admin: Client
) -> None:
    ann = harness.connect_as("ann", "ann")
    ann.send("PERSISTENCE SET ON")
    ann.send("JOIN #a")
    bot = harness.open(["sasl"])
    log_in(bot, password=make_token(ann, "ci", "post:#a"))
    bot.send("NICK ann-ci")
    bot.send("USER ci 0 * :ci")
    bot.send("CAP END")
    told = shown(admin.send("ACCOUNT SESSIONS ann"))
    assert "by password as ann, #a" in told[0]
    assert "by a token or key for one purpose" in told[1]
    admin.send("ACCOUNT LOGOUT ann")
    assert ann.closed
    assert bot.closed
    assert harness.world.user("ann") is not None, "it stays in its channels, as it wants to"
    assert "not connected, stays in #a" in shown(admin.send("ACCOUNT SESSIONS ann"))[0]
    assert log_in(harness.open(["sasl"]))[-1] == "903"
    check(harness.world)


def test_who_is_restored_is_told_of_what_lets_him_in(harness: Harness, admin: Client) -> None:
    make_token(harness.connect_as("ann", "ann"), "thief")
    admin.send("ACCOUNT SUSPEND ann :stolen")
    told = shown(admin.send("ACCOUNT RESTORE ann"))
    assert any("1 password, 1 token" in line and "REVOKE" in line for line in told)


@pytest.mark.parametrize(
    "line",
    [
        "LOGOUT boss",
        "SURE REVOKE boss ALL",
        "REVOKE boss PASSWORD",
        "SUSPEND boss",
        "RESTORE boss",
        "SURE DROP boss",
        "PASSWORD boss",
        "RENAME boss bob",
        "HANDOVER boss root",
    ],
)
def test_nobody_acts_on_who_outranks_him(harness: Harness, admin: Client, line: str) -> None:
    boss = operator(harness, "boss", "owner")
    before = encode(harness.world)
    assert failure(admin.send(f"ACCOUNT {line}")) == "NO_PRIVILEGES"
    assert encode(harness.world) == before
    assert not boss.closed


def test_what_the_machine_made_is_nobodys_to_end(harness: Harness, admin: Client) -> None:
    operator(harness, "good", "moderator", by="console")
    assert failure(admin.send("ACCOUNT ADD console :correct-horse")) == "BAD_ACCOUNT_NAME"
    assert harness.account("good").operator_by == "console"


def test_a_snapshot_keeps_who_made_an_operator(harness: Harness) -> None:
    evil = operator(harness, "evil", "owner")
    harness.account("friend")
    evil.send("ACCOUNT OPERATOR friend admin")
    evil.send("ACCOUNT PASSWORD friend")
    again = decode(encode(harness.world))
    friend = again.account("friend")
    assert friend is not None
    assert friend.operator_by == "evil"
    assert [held.by for held in friend.of_kind("reset")] == ["evil"]
    assert encode(again) == encode(harness.world)
