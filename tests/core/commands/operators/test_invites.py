"""A leaked invite code."""

from __future__ import annotations

import pytest

from hubbub.core.records.accounts import AccountRegistered
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Draft
from hubbub.core.snapshot import decode, encode
from hubbub.core.world.accounts import code_digest
from tests.core.commands.operators_at_hand import failure, operator
from tests.core.invariants import check
from tests.core.world_harness import Client, Harness, shown


@pytest.fixture
def admin(harness: Harness) -> Client:
    return operator(harness, "root", "admin")


def test_an_invite_is_shown_once(harness: Harness, admin: Client) -> None:
    told = admin.send("INVITECODE ADD 2 1d :for the class")
    _, id, given = told[0].params
    listed = shown(admin.send("INVITECODE LIST"))
    assert listed[0].startswith(f"INVITECODE LIST {id} uses left: 2, made 2023-11-14 by ")
    assert "for the class" in listed[0]
    assert given not in str(listed) + repr(harness.entries)
    assert shown(admin.send(f"INVITECODE DEL {id}"))[0].startswith("INVITECODE REMOVED")
    assert harness.world.invites == {}


def leaked(harness: Harness, admin: Client) -> str:
    """Return a code by which ann and eve came in."""
    code: str = admin.send("INVITECODE ADD 5 7d :for ann")[0].params[-1]
    for nick in ("ann", "eve"):
        told = harness.connect(nick).send(f"REGISTER {nick} * correct-horse {code}")
        assert told[0].params[0] == "SUCCESS"
    return code


def test_who_came_in_is_known_by_the_code_and_by_its_id(harness: Harness, admin: Client) -> None:
    code = leaked(harness, admin)
    id = code_digest(code)[:12]
    for given in (code, code.lower(), code.replace("-", ""), id, id[:5]):
        told = shown(admin.send(f"INVITECODE SHOW {given}"))
        assert told[0].startswith(f"INVITECODE SHOW {id} uses left: 3, made by root for ann")
        assert [line.split()[2] for line in told[1:-1]] == ["ann", "eve"]
    assert any(
        f"came in by invite code {id}" in line for line in shown(admin.send("ACCOUNT SHOW eve"))
    )
    again = decode(encode(harness.world)).account("eve")
    assert again is not None
    assert again.invite == code_digest(code)


def test_it_is_revoked_by_itself_and_still_tells(harness: Harness, admin: Client) -> None:
    code = leaked(harness, admin)
    admin.send(f"INVITECODE DEL {code}")
    assert not harness.world.invites
    told = shown(admin.send(f"INVITECODE SHOW {code}"))
    assert told[0].endswith("over")
    assert len(told) == 4
    fails = admin.send("INVITECODE DEL ZZZZ-ZZZZ-ZZZZ-ZZZZ")
    assert failure(fails) == "NOT_FOUND"
    assert "ZZZZ" not in str(fails), "it may be a code"


def test_everybody_who_came_in_is_kept_out(harness: Harness, admin: Client) -> None:
    code = leaked(harness, admin)
    boss = operator(harness, "eve", "owner")
    asked = admin.send(f"INVITECODE SUSPEND {code} :leaked")
    assert failure(asked) == "NOT_CONFIRMED"
    assert "suspend 2: ann, eve" in asked[0].params[-1]
    assert len(harness.world.invites) == 1
    told = admin.send(f"INVITECODE SUSPEND SURE {code} :leaked")
    assert failure(told) == "NO_PRIVILEGES", "eve is owner by now"
    assert not harness.world.invites
    assert harness.account("ann").suspended == "leaked"
    assert not harness.account("eve").suspended
    assert not boss.closed
    check(harness.world)


def test_who_asks_keeps_himself_in(harness: Harness, admin: Client) -> None:
    code = leaked(harness, admin)
    eve = operator(harness, "eve", "admin")
    eve.send(f"INVITECODE SUSPEND SURE {code}")
    assert not harness.account("eve").suspended
    assert harness.account("ann").suspended


def test_a_code_whose_mail_never_came_is_not_used_up(harness: Harness, admin: Client) -> None:
    code: str = admin.send("INVITECODE ADD 1 0")[0].params[-1]

    def register(name: str) -> None:
        origin = Origin(SessionId(1, harness.epoch, 0), 1)
        digest = code_digest(code)
        harness.append(Draft(AccountRegistered(origin, name, invite=digest, verified=False)))
        harness.settle()

    register("amn")
    assert harness.world.invites[code_digest(code)].uses == 0
    harness.time += 4 * 86_400 * 1_000_000
    harness.account("ann")
    assert harness.world.account("amn") is None
    assert harness.world.invites[code_digest(code)].uses == 1


def test_how_long_and_for_whom_a_code_is_stands_in_the_list(
    harness: Harness, admin: Client
) -> None:
    owner = operator(harness, "boss", "owner")
    owner.send("OWNERCODE")
    admin.send("INVITECODE ADD 3 1d")
    harness.time += 2 * 86_400_000_000
    forever, over = shown(admin.send("INVITECODE LIST"))[:2]
    assert forever.endswith("by boss, makes an operator: owner, owner code")
    assert ", expires 2023-11-15, over" in over


@pytest.mark.parametrize("line", ["SHOW nothing", "SUSPEND nothing", "SUSPEND SURE", "SHOW", "DEL"])
def test_a_code_that_there_is_not(admin: Client, line: str) -> None:
    assert failure(admin.send(f"INVITECODE {line}")) == "NOT_FOUND"


def test_an_owners_code_is_not_taken_back_by_who_is_none(harness: Harness, admin: Client) -> None:
    owner = operator(harness, "boss", "owner")
    code: str = owner.send("OWNERCODE")[0].params[-1]
    for line in (f"DEL {code}", f"SUSPEND SURE {code}"):
        assert failure(admin.send(f"INVITECODE {line}")) == "NO_PRIVILEGES"
    assert code_digest(code) in harness.world.invites


def test_a_code_of_the_last_owner_says_so_before(harness: Harness, admin: Client) -> None:
    code = leaked(harness, admin)
    operator(harness, "ann", "owner")
    assert "among them the last owner" in admin.send(f"INVITECODE SUSPEND {code}")[0].params[-1]


def test_who_is_kept_out_already_is_not_kept_out_twice(harness: Harness, admin: Client) -> None:
    code = leaked(harness, admin)
    admin.send("ACCOUNT SUSPEND eve :spam")
    admin.send(f"INVITECODE DEL {code}")
    assert "suspend 1: ann" in admin.send(f"INVITECODE SUSPEND {code}")[0].params[-1]
    admin.send(f"INVITECODE SUSPEND SURE {code}")
    assert harness.account("ann").suspended == "Came in by a leaked invite code"
    assert harness.account("eve").suspended == "spam"
    assert "suspended: spam" in shown(admin.send(f"INVITECODE SHOW {code}"))[2]
