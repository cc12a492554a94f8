"""Codes that an operator gives out, with which an account's owner sets a password."""

from __future__ import annotations

from hubbub.core.commands.accounts.reset_codes import RESET_SECONDS
from hubbub.core.records.moderation import OperatorActed
from hubbub.core.world.accounts import code_digest
from tests.core.commands.accounts.test_sasl import log_in, operator
from tests.core.commands.operators_at_hand import failure
from tests.core.world_harness import Harness


def reset_code(harness: Harness) -> str:
    told = operator(harness).send("ACCOUNT PASSWORD ann")
    return next(message.params[2] for message in told if message.params[0] == "RESET")


def test_a_code_sets_a_password_once(harness: Harness) -> None:
    harness.account("ann")
    given = reset_code(harness)
    harness.held = True
    both = [harness.open(), harness.open()]
    for number, client in enumerate(both):
        client.send(f"RESETPASS ann {given} new-password-{number}")
    harness.commit_all()
    harness.held = False
    assert failure(both[1].take()) == "INVALID_CODE"
    assert log_in(harness.open(["sasl"]), password="new-password-0")[-1] == "903"
    assert log_in(harness.open(["sasl"]), password="new-password-1") == ["904"]
    assert failure(harness.open().send(f"RESETPASS ann {given} correct-horse")) == "INVALID_CODE"


def test_a_code_is_for_one_account_and_a_while(harness: Harness) -> None:
    harness.account("ann"), harness.account("bob")
    given = reset_code(harness)
    client = harness.open()
    assert failure(client.send(f"RESETPASS bob {given} correct-horse")) == "INVALID_CODE"
    assert failure(client.send("RESETPASS ann wrong correct-horse")) == "INVALID_CODE"
    assert failure(client.send(f"RESETPASS ann {given} short")) == "WEAK_PASSWORD"
    harness.time += 86_400_000_000
    assert failure(client.send(f"RESETPASS ann {given} correct-horse")) == "INVALID_CODE"


def test_a_code_is_shown_to_who_asked_and_kept_as_a_digest(harness: Harness) -> None:
    harness.account("ann")
    given = reset_code(harness)
    (held,) = harness.account("ann").of_kind("reset")
    assert (held.id, held.by) == (code_digest(given), "OPER root")
    assert held.expires == harness.time // 1_000_000 + RESET_SECONDS
    assert given not in repr(harness.entries)


def test_giving_one_out_goes_on_record_without_the_code(harness: Harness) -> None:
    harness.account("ann")
    given = reset_code(harness)
    acted = [one for one in harness.records(OperatorActed) if isinstance(one, OperatorActed)]
    codes = [(one.operator, one.action, one.target) for one in acted if one.action == "RESET CODE"]
    assert codes == [("root", "RESET CODE", "ann")]
    assert given not in repr(acted)


def test_a_later_code_replaces_the_one_before(harness: Harness) -> None:
    harness.account("ann")
    admin = operator(harness)
    first, second = (admin.send("ACCOUNT PASSWORD ann")[0].params[2] for _ in range(2))
    stranger = harness.open()
    assert failure(stranger.send(f"RESETPASS ann {first} correct-horse")) == "INVALID_CODE"
    stranger.send(f"RESETPASS ann {second} correct-horse")
    assert log_in(harness.open(["sasl"]), password="correct-horse")[-1] == "903"
