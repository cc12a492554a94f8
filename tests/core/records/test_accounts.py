"""Facts about accounts, as they stand in journals."""

from __future__ import annotations

from dataclasses import replace

import pyotp
import pytest

from hubbub.core.records import accounts
from hubbub.core.records.accounts import (
    AccountDropped,
    AccountErased,
    AccountHandedOver,
    AccountLoggedOut,
    AccountRegistered,
    AccountRenamed,
    AccountSet,
    AccountVerified,
    CredentialAdded,
    CredentialProved,
    CredentialRemoved,
    EmailConfirmed,
    InviteMade,
    InviteRevoked,
    LoggedIn,
    LoggedOut,
    OthersRevoked,
    Reauthenticated,
    Redeemed,
)
from hubbub.core.records.entries import AnyRecord
from hubbub.journal.codec import encode_record
from tests.core.commands.accounts.test_sasl import now_code
from tests.core.records.forms import ORIGIN, Written, check_older_texts, check_text, kinds_in
from tests.core.world_harness import POLICY, Harness

WRITTEN: Written = [
    (
        AccountRegistered(
            ORIGIN,
            account="ann",
            source="ann!a@host",
            by="root",
            invite="digest",
            verified=False,
            histories=("$ann",),
            key="key",
        ),
        '["account",[[1,2,3],4],"ann","ann!a@host","root","digest",false,["$ann"],"key"]',
    ),
    (
        AccountVerified(ORIGIN, account="ann", code="digest", source="ann!a@host", by="root"),
        '["account-verified",[[1,2,3],4],"ann","digest","ann!a@host","root"]',
    ),
    (
        EmailConfirmed(ORIGIN, account="ann", code="digest"),
        '["email-confirmed",[[1,2,3],4],"ann","digest"]',
    ),
    (
        AccountSet(ORIGIN, account="ann", what="persist", value="off", by="root", spares_last=True),
        '["account-set",[[1,2,3],4],"ann","persist","off","root",true]',
    ),
    (
        AccountErased(ORIGIN, account="ann", by="root", spares_last=True),
        '["account-erased",[[1,2,3],4],"ann","root",true]',
    ),
    (
        AccountDropped(ORIGIN, account="ann", by="root", spares_last=True),
        '["account-drop",[[1,2,3],4],"ann","root",true]',
    ),
    (
        AccountLoggedOut(ORIGIN, account="ann", by="root", revoked=True),
        '["account-out",[[1,2,3],4],"ann","root",true]',
    ),
    (
        AccountHandedOver(
            ORIGIN,
            account="ann",
            to="bob",
            by="root",
            channels=(("#a", "#a,1.2.3.4"),),
            tokens=("digest",),
        ),
        '["account-handed",[[1,2,3],4],"ann","bob","root",[["#a","#a,1.2.3.4"]],["digest"]]',
    ),
    (
        AccountRenamed(ORIGIN, account="ann", name="new", by="root"),
        '["account-renamed",[[1,2,3],4],"ann","new","root"]',
    ),
    (
        CredentialAdded(
            ORIGIN,
            account="ann",
            kind="totp",
            id="fingerprint",
            label="phone",
            scope="post:#a",
            expires=1_700_000_000,
            by="root",
            histories=("$ann",),
            reset="code",
            codes=("one", "two"),
            step=56_666_666,
            proved=False,
            known=7,
        ),
        '["credential",[[1,2,3],4],"ann","totp","fingerprint","phone","post:#a",1700000000,'
        '"root",["$ann"],"code",["one","two"],56666666,false,7]',
    ),
    (
        CredentialProved(ORIGIN, account="ann", kind="token", id="fingerprint"),
        '["credential-proved",[[1,2,3],4],"ann","token","fingerprint"]',
    ),
    (
        CredentialRemoved(
            ORIGIN, account="ann", kind="token", id="fingerprint", by="root", step=56_666_666
        ),
        '["credential-removed",[[1,2,3],4],"ann","token","fingerprint","root",56666666]',
    ),
    (
        LoggedIn(
            ORIGIN,
            account="ann",
            kind="password",
            id="one",
            source="ann!a@host",
            step=56_666_666,
            recovery="used",
            checked=(5, 6),
            since=7,
        ),
        '["login",[[1,2,3],4],"ann","password","one","ann!a@host",56666666,"used",[5,6],7]',
    ),
    (
        Reauthenticated(ORIGIN, account="ann", step=56_666_666, recovery="used", checked=(5, 6)),
        '["reauthenticated",[[1,2,3],4],"ann",56666666,"used",[5,6]]',
    ),
    (
        OthersRevoked(ORIGIN, account="ann", kind="token", id="digest", by="root"),
        '["others-revoked",[[1,2,3],4],"ann","token","digest","root"]',
    ),
    (LoggedOut(ORIGIN, source="ann!a@host"), '["logout",[[1,2,3],4],"ann!a@host"]'),
    (
        InviteMade(
            ORIGIN,
            code="digest",
            uses=3,
            expires=1_700_000_000,
            by="root",
            grants="admin",
            note="for ann",
        ),
        '["invite-code",[[1,2,3],4],"digest",3,1700000000,"root","admin","for ann"]',
    ),
    (
        InviteRevoked(ORIGIN, code="digest", by="root"),
        '["invite-revoked",[[1,2,3],4],"digest","root"]',
    ),
    (
        Redeemed(ORIGIN, account="ann", code="digest", source="ann!a@host"),
        '["redeem",[[1,2,3],4],"ann","digest","ann!a@host"]',
    ),
]


def test_every_kind_is_written_here() -> None:
    assert {type(record) for record, _ in WRITTEN} == kinds_in(accounts)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_stands_in_journals_is_read_as_it_was_meant(record: AnyRecord, text: str) -> None:
    check_text(record, text)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_was_written_before_the_newer_fields_is_read(record: AnyRecord, text: str) -> None:
    check_older_texts(record, text)


def test_no_secret_stands_in_a_record(harness: Harness) -> None:
    harness.policy = replace(POLICY, email="optional")
    ann = harness.connect_as("ann", "ann")
    token = ann.send("TOKEN ADD phone")[0].params[2]
    key = ann.send("TOTP BEGIN")[0].params[1]
    told = ann.send(f"TOTP CONFIRM {now_code(harness, pyotp.TOTP(key))}")
    ann.send("PASSWD secret correct-horse")
    ann.send("EMAIL SET ann@mail.example correct-horse")
    kinds = {kind for kind, _ in harness.account("ann").credentials}
    assert {"token", "totp", "password", "recovery", "new-email"} <= kinds
    recovery = [word for word in told[0].params[-1].split() if "-" in word]
    assert len(recovery) == 8
    kept = b"".join(encode_record(entry.record) for entry in harness.entries).decode()
    for secret in (token, key, *recovery, "correct-horse", "ann@mail.example"):
        assert secret not in kept
