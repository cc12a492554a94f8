"""Whoever is outranked is outranked absent too: he, his bans, his codes and his channels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core import snapshot
from hubbub.core.access import ranks
from hubbub.core.policy.policy import OperBlock
from hubbub.core.records.messages import Redacted
from hubbub.core.world.accounts import code_digest
from tests.core.commands.operators.test_account_rescue import make_token
from tests.core.world_harness import POLICY, Client, Harness, code, shown

CLASSES = ("moderator", "admin", "owner")


@pytest.fixture
def harness() -> Harness:
    operators = {name: OperBlock("hash:secret", name) for name in ("helper", "moderator", "admin")}
    operators["root"] = OperBlock("hash:secret", "owner")
    return Harness(replace(POLICY, operators=operators, email="optional"))


def operator(harness: Harness, nick: str, operator_class: str) -> Client:
    harness.account(nick).operator = operator_class
    return harness.connect_as(nick, nick)


def tried(client: Client, line: str) -> str:
    """Return the first answer, or "" where there was none."""
    return next(iter(shown(client.send(line))), "")


@pytest.mark.parametrize("mask", ["boss!*@*", "*!*@cloak.test"])
@pytest.mark.parametrize("setter", CLASSES)
def test_a_ban_keeps_out_nobody_who_outranks_who_set_it(
    harness: Harness, setter: str, mask: str
) -> None:
    harness.account("boss").operator = "owner"
    operator(harness, "op", setter).send(f"UBAN ADD SURE {mask} 1h :out")
    harness.world = snapshot.decode(snapshot.encode(harness.world))
    comes = harness.open()
    comes.session.account, comes.session.credential = "boss", ("password", "")
    comes.send("NICK boss")
    answer = shown(comes.send("USER boss 0 * :boss"))
    kept_out = setter == "owner"
    assert answer[0].startswith("465 " if kept_out else "001 ")
    guest = harness.open()
    guest.send("NICK boss2")
    told = shown(guest.send("USER x 0 * :x"))
    assert told[0].startswith("465 " if mask.endswith("test") else "001 ")


def test_who_is_here_may_take_the_nick_that_a_lower_one_banned(harness: Harness) -> None:
    boss = operator(harness, "boss", "owner")
    mod = operator(harness, "mod", "moderator")
    mod.send("UBAN ADD chief!*@* 1h")
    boss.take()
    assert tried(boss, "NICK chief") == "NICK chief"
    assert tried(mod, "NICK chief").startswith("433 ")


@pytest.mark.parametrize("line", ["UBAN DEL x!*@*", "UNKLINE x!*@*", "KLINE -x!*@*"])
def test_a_ban_is_lifted_by_nobody_who_is_lower(harness: Harness, line: str) -> None:
    operator(harness, "boss", "owner").send("KLINE x!*@* :for good")
    mod = operator(harness, "mod", "moderator")
    assert "NO_PRIVILEGES" in tried(mod, line)
    assert "INVALID_TARGET" in tried(mod, "UBAN ADD x!*@* 1m :for a minute only")
    other = operator(harness, "other", "owner")
    assert "banned no longer" in tried(other, line)


@pytest.mark.parametrize(
    "act",
    [
        "RESTORE",
        "SUSPEND",
        "DROP",
        "PASSWORD",
        "TOTP boss OFF",
        "OPERATOR boss none",
        "EMAIL boss none",
        "VERIFY",
        "LOGOUT",
        "REVOKE boss PASSWORD",
        "HANDOVER boss adm",
        "RENAME boss other",
    ],
)
def test_no_act_on_an_owner_is_an_admins(harness: Harness, act: str) -> None:
    harness.account("boss").operator = "owner"
    operator(harness, "chief", "owner").send("ACCOUNT SUSPEND boss :caught")
    adm = operator(harness, "adm", "admin")
    words = act.split()
    line = f"ACCOUNT {words[0]} boss {' '.join(words[2:])}".rstrip()
    assert "NO_PRIVILEGES" in tried(adm, line)
    assert harness.world.accounts["boss"].suspended == "caught"


@pytest.mark.parametrize(
    "line",
    [
        "ACCOUNT SUSPEND zed :x",
        "ACCOUNT SURE DROP zed",
        "ACCOUNT LOGOUT zed",
        "ACCOUNT SURE REVOKE zed ALL",
        "ACCOUNT REVOKE zed PASSWORD",
        "ACCOUNT EMAIL zed new@example.org",
        "ACCOUNT VERIFY zed",
        "ACCOUNT HANDOVER zed adm",
        "ACCOUNT RENAME zed zoe",
    ],
)
def test_an_account_that_rises_while_a_record_is_on_its_way_is_spared(
    harness: Harness, line: str
) -> None:
    zed = None
    if "RENAME" in line:
        harness.account("zed")
    else:
        zed = harness.connect_as("zed", "zed")
        for sent in ("JOIN #z", "CHANNEL REGISTER #z"):
            zed.send(sent)
    held = harness.world.accounts["zed"]
    held.verified = "VERIFY" not in line
    proofs = set(held.credentials)
    adm, own = operator(harness, "adm", "admin"), operator(harness, "own", "owner")
    harness.held = True
    adm.send(line)
    own.send("ACCOUNT OPERATOR zed owner")
    while own.session.id in harness.pending:
        harness.commit(own.session.id)
    harness.held = False
    harness.settle()
    adm.work()
    assert "NO_PRIVILEGES" in shown(adm.take())[0]
    assert harness.world.accounts["zed"] is held
    assert not held.suspended
    assert not held.dropped
    assert set(held.credentials) == proofs
    assert held.verified == ("VERIFY" not in line)
    assert zed is None or (not zed.closed and harness.world.channels["#z"].level("zed") == "q")


def test_nobody_comes_to_act_as_who_is_higher_by_a_token_that_is_handed_over(
    harness: Harness,
) -> None:
    harness.account("boss").operator = "owner"
    zed, adm = harness.connect_as("zed", "zed"), operator(harness, "adm", "admin")
    make_token(zed, "ci", "post:#a")
    assert "NO_PRIVILEGES" in tried(adm, "ACCOUNT HANDOVER zed boss")
    assert not list(harness.world.accounts["boss"].of_kind("token"))
    zed.send("JOIN #z")
    zed.send("CHANNEL REGISTER #z")
    assert "1 channels" in tried(adm, "ACCOUNT HANDOVER zed boss #z")


@pytest.mark.parametrize("who", ["boss", "root"])
def test_what_who_is_higher_said_is_not_taken_back_by_purge(harness: Harness, who: str) -> None:
    boss = operator(harness, "boss", "owner") if who == "boss" else harness.connect("root")
    boss.send("OPER root secret")
    for line in ("JOIN #a", "PRIVMSG #a :hello"):
        boss.send(line)
    mod = operator(harness, "mod", "moderator")
    assert "NO_PRIVILEGES" in tried(mod, f"PURGE SURE {who} 1h")
    assert not harness.records(Redacted)


def test_a_code_is_taken_back_by_nobody_lower_than_its_maker_or_what_it_makes(
    harness: Harness,
) -> None:
    own, adm = operator(harness, "own", "owner"), operator(harness, "adm", "admin")
    own.send("INVITECODE ADD 3")
    own.send("OWNERCODE")
    adm.send("INVITECODE ADD 3")
    ids = [code_digest(code(number))[:12] for number in range(3)]
    assert "NO_PRIVILEGES" in tried(adm, f"INVITECODE DEL {ids[0]}")
    assert "NO_PRIVILEGES" in tried(adm, f"INVITECODE DEL {ids[1]}")
    assert len(harness.world.invites) == 3
    adm.send(f"INVITECODE DEL {ids[2]}")
    own.send(f"INVITECODE DEL {ids[1]}")
    own.send(f"INVITECODE DEL {ids[0]}")
    assert not harness.world.invites


@pytest.mark.parametrize(
    "line",
    [
        "CHANNEL DROP #a",
        "CHANNEL PURGE SURE #a",
        "CHANNEL TRANSFER #a mod",
        "CHANNEL ACCESS #a mod founder",
        "RENAME #a #b",
        "KICK #a boss",
        "MODE #a -q boss",
    ],
)
def test_his_channel_is_not_taken_by_privilege(harness: Harness, line: str) -> None:
    boss = operator(harness, "boss", "owner")
    for sent in ("JOIN #a", "CHANNEL REGISTER #a", "MODE boss -o"):
        boss.send(sent)
    mod = operator(harness, "mod", "moderator")
    answer = tried(mod, line)
    assert "PRIVS_NEEDED" in answer or answer.startswith("482 "), answer
    assert boss.user in harness.world.channels["#a"].members
    assert tried(mod, "MODE #a +m") == ""
    assert "m" in harness.world.channels["#a"].flags
    if line.startswith("CHANNEL"):
        boss.send("QUIT")
        assert "PRIVS_NEEDED" in tried(mod, line), "absent too"


def test_he_is_taken_off_no_access_list_by_privilege(harness: Harness) -> None:
    boss, ann = operator(harness, "boss", "owner"), harness.connect_as("ann", "ann")
    for line in ("JOIN #a", "CHANNEL REGISTER #a", "CHANNEL ACCESS #a boss operator"):
        ann.send(line)
    boss.send("QUIT")
    mod = operator(harness, "mod", "moderator")
    assert "PRIVS_NEEDED" in tried(mod, "CHANNEL ACCESS #a boss none")
    ann.take()
    assert "ACCESS_SET" in tried(ann, "CHANNEL ACCESS #a boss none")


def test_by_his_rank_in_the_channel_anybody_may(harness: Harness) -> None:
    ann, boss = harness.connect_as("ann", "ann"), operator(harness, "boss", "owner")
    ann.send("JOIN #a")
    boss.send("JOIN #a")
    ann.send("MODE #a +o boss")
    ann.send("MODE #a -o boss")
    ann.send("KICK #a boss")
    assert boss.user not in harness.world.channels["#a"].members


def test_who_lays_the_rank_down_for_a_while_keeps_it_in_this(harness: Harness) -> None:
    boss, mod = operator(harness, "boss", "owner"), operator(harness, "mod", "moderator")
    boss.send("MODE boss -o")
    for line in ("KILL boss", "SANICK boss fool", "SAJOIN boss #x"):
        assert tried(mod, line).startswith("481 "), line
    assert "INVALID_TARGET" in tried(mod, "UBAN ADD boss 1h")


@pytest.mark.parametrize(
    "line", ["ACCOUNT {}DROP own", "ACCOUNT {}SUSPEND own", "ACCOUNT {}OPERATOR own admin"]
)
def test_the_last_owner_is_removed_when_asked_twice(harness: Harness, line: str) -> None:
    own = operator(harness, "own", "owner")
    suspended = harness.account("other")
    suspended.operator, suspended.suspended = "owner", "gone"
    assert "NOT_CONFIRMED" in tried(own, line.format(""))
    assert harness.world.accounts["own"].operator == "owner"
    own.send(line.format("SURE "))
    held = harness.world.accounts["own"]
    assert held.operator != "owner" or held.suspended or held.dropped


def test_of_two_owners_either_goes_unasked(harness: Harness) -> None:
    own, two = operator(harness, "own", "owner"), operator(harness, "two", "owner")
    own.send("ACCOUNT OPERATOR two none")
    assert harness.world.accounts["two"].operator == ""
    assert not two.user.is_operator


def test_the_last_owner_who_drops_the_own_account_is_asked_too(harness: Harness) -> None:
    own = operator(harness, "own", "owner")
    assert "NOT_CONFIRMED" in tried(own, "UNREGISTER own secret")
    assert not harness.world.accounts["own"].dropped
    own.send("UNREGISTER own secret SURE")
    assert harness.world.accounts["own"].dropped


@pytest.mark.parametrize("line", ["KILL boss", "SANICK boss fool", "UBAN DEL x!*@*"])
def test_a_session_outranks_nobody_by_what_another_session_has_proved(
    harness: Harness, line: str
) -> None:
    boss = operator(harness, "boss", "admin")
    boss.send("KLINE x!*@* :for good")
    laptop = operator(harness, "mod", "moderator")
    stolen = harness.attach(laptop)
    laptop.send("OPER root secret")
    assert laptop.user.operator_class == "owner"
    stolen.take()
    before = len(harness.entries)
    answer = tried(stolen, line)
    assert answer.startswith("481 ") or "NO_PRIVILEGES" in answer, answer
    assert len(harness.entries) == before
    assert boss.user.nick == "boss"
    laptop.take()
    laptop.send(line)
    assert len(harness.entries) > before


@pytest.mark.parametrize("order", [("root", "helper"), ("helper", "root")])
def test_of_several_ranks_the_highest_protects(harness: Harness, order: tuple[str, str]) -> None:
    ann, mod = harness.connect_as("ann", "ann"), operator(harness, "mod", "moderator")
    both = ann, harness.attach(ann)
    for client, name in zip(both, order, strict=True):
        client.send(f"OPER {name} secret")
    assert tried(mod, "KILL ann").startswith("481 ")
    both[order.index("root")].send("QUIT")
    assert harness.world.users["ann"].operator_class == "helper"
    mod.send("KILL ann")
    assert "ann" not in harness.world.users


def test_an_account_of_a_lower_class_lowers_nobody(harness: Harness) -> None:
    ann, mod = harness.connect("ann"), operator(harness, "mod", "moderator")
    harness.account("zed").operator = "helper"
    ann.send("OPER root secret")
    ann.send("NS IDENTIFY zed secret")
    assert (ann.user.account, ann.user.operator_class) == ("zed", "owner")
    assert tried(mod, f"KILL {ann.user.nick}").startswith("481 ")
    ann.send("LOGOUT")
    assert ann.user.operator_class == "owner"
    assert tried(mod, f"KILL {ann.user.nick}").startswith("481 ")


def test_an_owner_who_says_oper_for_less_is_an_owner_still(harness: Harness) -> None:
    own, boss = operator(harness, "own", "owner"), operator(harness, "boss", "owner")
    own.send("OPER helper secret")
    own.take()
    own.send("KILL boss")
    assert boss.closed


def test_a_ban_is_of_the_rank_of_the_session_that_set_it(harness: Harness) -> None:
    harness.account("boss").operator = "admin"
    laptop = operator(harness, "mod", "moderator")
    stolen = harness.attach(laptop)
    laptop.send("OPER root secret")
    stolen.send("UBAN ADD boss!*@* 1h")
    laptop.send("UBAN ADD chief!*@* 1h")
    held = {ban.target: (ban.rank, ban.by) for ban in harness.world.bans}
    assert held == {"boss!*@*": ("moderator", "mod"), "chief!*@*": ("owner", "root")}


def test_what_an_accomplice_prepared_ends_too(harness: Harness) -> None:
    own, evil = operator(harness, "own", "owner"), operator(harness, "evil", "owner")
    two, three = harness.connect_as("two", "two"), harness.connect_as("three", "three")
    evil.send("ACCOUNT OPERATOR two owner")
    two.send("ACCOUNT OPERATOR three owner")
    own.send("ACCOUNT OPERATOR evil owner")
    for client in (evil, two, three):
        client.send("OWNERCODE")
        client.send("INVITECODE ADD")
    three.send("ACCOUNT PASSWORD own")
    told = shown(own.send("ACCOUNT SUSPEND evil :caught"))
    assert "6 codes that it made end with it" in told[0]
    assert told[1].endswith("two (owner), three (owner)")
    classes = {a.name: a.operator for a in harness.world.accounts.values()}
    assert classes == {"own": "owner", "evil": "owner", "two": "", "three": ""}
    assert not harness.world.invites
    assert harness.world.accounts["own"].credential("reset") is None
    assert [client.user.is_operator for client in (two, three)] == [False, False]


def test_whom_the_one_appointed_who_suspends_is_spared(harness: Harness) -> None:
    own, evil = operator(harness, "own", "owner"), operator(harness, "evil", "owner")
    harness.account("two")
    evil.send("ACCOUNT OPERATOR own owner")
    own.send("ACCOUNT OPERATOR two admin")
    own.send("ACCOUNT SUSPEND evil :caught")
    assert harness.world.accounts["own"].operator == "owner"
    assert harness.world.accounts["two"].operator == "admin"


@pytest.mark.parametrize("giver", ["adm", "own"])
def test_what_a_lower_one_gave_an_account_ends_as_it_rises(harness: Harness, giver: str) -> None:
    own, adm = operator(harness, "own", "owner"), operator(harness, "adm", "admin")
    harness.account("zed")
    lines = ("ACCOUNT EMAIL zed evil@example.org", "ACCOUNT PASSWORD zed")
    for line in lines:
        (adm if giver == "adm" else own).send(line)
    zed = harness.world.accounts["zed"]
    address = zed.credential("email")
    assert address is not None
    own.send("ACCOUNT OPERATOR zed owner")
    kinds = {"password"} if giver == "adm" else {"password", "email", "reset"}
    assert {kind for kind, _ in zed.credentials} == kinds
    assert (address.seq in harness.erased) == (giver == "adm")


def test_an_owner_who_cannot_log_in_is_no_other_owner(harness: Harness) -> None:
    own = operator(harness, "own", "owner")
    own.send("ACCOUNT ADD other")
    own.send("ACCOUNT OPERATOR other owner")
    assert not ranks.is_last_owner(harness.world, harness.world.accounts["own"]), "it has a code"
    own.send("ACCOUNT SURE REVOKE other ALL")
    own.take()
    assert "NOT_CONFIRMED" in tried(own, "UNREGISTER own secret")
    assert "NOT_CONFIRMED" in tried(own, "ACCOUNT OPERATOR own admin")


def test_who_registers_the_name_of_an_oper_has_made_nothing(harness: Harness) -> None:
    oper = harness.connect("chief")
    harness.account("zed")
    for line in ("OPER root secret", "ACCOUNT OPERATOR zed admin", "INVITECODE ADD 5"):
        oper.send(line)
    mallory = harness.connect_as("root", "root")
    mallory.send("UNREGISTER root secret")
    assert harness.world.accounts["root"].dropped
    assert harness.world.accounts["zed"].operator == "admin"
    [invite] = harness.world.invites.values()
    assert invite.by == "OPER root"
