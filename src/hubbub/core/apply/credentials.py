"""Records about what proves an account, and the secrets that go with it."""

from __future__ import annotations

from hubbub.core.access import ranks
from hubbub.core.outcomes import CredentialGone, Erase, Failed, Notify, OthersGone, Outcome
from hubbub.core.records.accounts import (
    AccountDropped,
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
    OthersRevoked,
)
from hubbub.core.records.entries import Entry
from hubbub.core.world.accounts import (
    CREDENTIALS,
    NEW_EMAIL,
    REVOKED,
    SECRET,
    SINGLE,
    Account,
    Credential,
)
from hubbub.core.world.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc.message import Message

Outcomes = list[Outcome]


def lost(record: AccountRegistered | CredentialAdded, entry: Entry, failed: Failed) -> Outcomes:
    """Refuse a record, and let what it was to keep secret be gone."""
    return [failed, Erase((entry.seq,))] if record.histories else [failed]


def keep(world: World, account: Account, held: Credential) -> None:
    """Let an account be proved by a credential."""
    account.credentials[held.kind, held.id] = held
    world.find_by(held, account)


def forget_credentials(world: World, account: Account) -> Outcomes:
    """Take all credentials from an account, and let their secrets be gone."""
    seqs = []
    for held in account.credentials.values():
        world.find_no_more_by(held, account)
        if held.kind in SECRET:
            seqs.append(held.seq)
    account.credentials.clear()
    return [Erase(tuple(seqs))] if seqs else []


def unknown(
    record: AccountSet
    | AccountLoggedOut
    | AccountHandedOver
    | AccountRenamed
    | AccountVerified
    | CredentialAdded
    | CredentialRemoved,
) -> Failed:
    """Return the refusal where there is no such account, or no such credential."""
    params = ("ACCOUNT_UNKNOWN", record.account, "There is no such account")
    return Failed(record.origin, "*", params)


def too_high(
    record: AccountSet
    | AccountDropped
    | AccountLoggedOut
    | AccountHandedOver
    | AccountRenamed
    | AccountVerified
    | CredentialAdded
    | CredentialRemoved,
) -> Failed:
    """Return the refusal where the account has come to outrank the operator who acts on it."""
    return Failed(record.origin, "*", ("NO_PRIVILEGES", record.account, ranks.TOO_HIGH))


def last_owner(record: AccountSet | AccountDropped) -> Failed:
    """Return the refusal where the account is the last owner by now: the others were quicker."""
    text = f"{ranks.LAST_OWNER}; to do it, do it again with the word SURE"
    return Failed(record.origin, "*", ("NOT_CONFIRMED", record.account, text))


def credential_added(world: World, record: CredentialAdded, entry: Entry) -> Outcomes:
    """Give an account one more way to be proved, or replace the one of its kind."""
    account, seconds = world.account(record.account), entry.seconds
    if account is None:
        return lost(record, entry, unknown(record))
    if ranks.overruled(world, record.origin, record.by, account.name):
        return lost(record, entry, too_high(record))
    _drop_over(world, account, seconds)
    if _comes_second(account, record):
        # That code counts. Nobody is told, as nobody is told of accounts.
        return []
    refusal = _credential_refusal(world, account, record)
    if not record.by and 0 < record.known < account.void_before:
        # Who was asked to leave in that moment adds nothing to come back by.
        refusal = "TRY_AGAIN", "Your account was changed from elsewhere in this moment: try again"
    if refusal is not None:
        failed = Failed(record.origin, "*", (refusal[0], record.account, refusal[1]))
        return lost(record, entry, failed)
    outcomes = _replaced(world, account, record)
    if record.reset:
        take_out(world, account, account.credentials["reset", record.reset])
    if record.kind == "password":
        account.void_before = entry.seq
        outcomes += _end_pending(world, account)
    account.step = max(account.step, record.step)
    listed = account.credentials.get((record.kind, record.id))
    label = record.label or (listed.label if listed is not None else "")
    if listed is not None and not listed.proved:
        take_out(world, account, listed)
    about = (label, record.scope, seconds, record.expires, 0, record.proved, record.by)
    keep(world, account, Credential(record.kind, record.id, entry.seq, *about))
    if record.proved:
        outcomes += end_claims(world, record.kind, record.id)
    for code in record.codes:
        keep(world, account, Credential("recovery", code, entry.seq, created=seconds))
    return outcomes


def _comes_second(account: Account, record: CredentialAdded) -> bool:
    """Say whether another asked first for a code to set the password by."""
    asks = record.kind == "reset" and not record.by
    return asks and account.credential("reset") is not None


def _replaced(world: World, account: Account, record: CredentialAdded) -> Outcomes:
    """Take out what a credential comes in the place of, where there is one of its kind only."""
    outcomes: Outcomes = []
    if record.kind not in SINGLE:
        return outcomes
    for earlier in account.of_kind(record.kind):
        take_out(world, account, earlier)
        if record.kind in SECRET:
            outcomes.append(Erase((earlier.seq,)))
    if record.kind == "password" and outcomes:
        # Whoever knew the old password is not to stay.
        gone = CredentialGone(account.name, "password", "", record.origin.session)
        outcomes.append(gone)
    return outcomes


def _end_pending(world: World, account: Account) -> Outcomes:
    """End the codes that would set another password, or another address to send those to."""
    for code in account.of_kind("reset"):
        take_out(world, account, code)
    pending = list(account.of_kind(NEW_EMAIL))
    for address in pending:
        take_out(world, account, address)
    return [Erase(tuple(address.seq for address in pending))] if pending else []


def _credential_refusal(
    world: World, account: Account, record: CredentialAdded
) -> tuple[str, str] | None:
    """Return the code and text of why an account may not be proved in one more way, or None."""
    owner = world.credentials.get((record.kind, record.id))
    listed = account.credentials.get((record.kind, record.id))
    if listed is not None and not (listed.proved or record.proved):
        return "IN_USE", "Your account lists this already; it is still to be proved"
    if owner is not None and (owner is not account or record.kind not in SINGLE):
        return "IN_USE", "This belongs to an account already"
    if record.kind == "totp" and account.has_second_factor:
        return "IN_USE", "Two-factor authentication is on already"
    if record.reset and ("reset", record.reset) not in account.credentials:
        return "INVALID_CODE", "This code is not valid, or no longer"
    single = record.kind in SINGLE and account.credential(record.kind) is not None
    replaced = single or listed is not None
    if len(account.credentials) - replaced + 1 + len(record.codes) > CREDENTIALS:
        return "TOO_MANY", f"An account has at most {CREDENTIALS} credentials; remove one first"
    return None


def _drop_over(world: World, account: Account, now: int) -> None:
    for held in list(account.credentials.values()):
        if held.is_over(now):
            take_out(world, account, held)


def credential_proved(world: World, record: CredentialProved, entry: Entry) -> Outcomes:
    """Let an account be proved by what it only listed; who else listed it does so no more."""
    account = world.account(record.account)
    held = account.credential(record.kind, record.id) if account is not None else None
    if account is None or held is None or (record.kind, record.id) in world.credentials:
        params = ("IN_USE", record.account, "This is proved already, or listed no more")
        return [Failed(record.origin, "*", params)]
    world.find_no_more_by(held, account)
    held.proved = True
    world.find_by(held, account)
    return end_claims(world, record.kind, record.id)


def end_claims(world: World, kind: str, id: str) -> Outcomes:
    """Take a fingerprint from the accounts that list it, once another has shown its key."""
    outcomes: Outcomes = []
    for other in list(world.claims.get((kind, id), ())):
        take_out(world, other, other.credentials[kind, id])
        if other.users:
            text = f"{id} is another account's: its key was shown there. Yours lists it no more"
            outcomes += [
                Notify(Message("NOTICE", (user.nick, text)), (user,), cap.NONE)
                for user in other.users
            ]
    return outcomes


def others_revoked(world: World, record: OthersRevoked, entry: Entry) -> Outcomes:
    """Take from an account what logs in besides its password, and end its other sessions."""
    account = world.account(record.account)
    if account is None:
        return []
    account.void_before = entry.seq
    kept = (record.kind, record.id)
    for held in list(account.credentials.values()):
        if held.kind in REVOKED and (held.kind, held.id) != kept:
            take_out(world, account, held)
    return [*_end_pending(world, account), OthersGone(account.name, record.origin.session)]


def take_out(world: World, account: Account, held: Credential) -> None:
    """Take one credential from an account."""
    del account.credentials[held.kind, held.id]
    world.find_no_more_by(held, account)


def credential_removed(world: World, record: CredentialRemoved, entry: Entry) -> Outcomes:
    """Take a way to be proved from an account; sessions that came in by a token end."""
    account = world.account(record.account)
    held = account.credential(record.kind, record.id) if account is not None else None
    if account is None or held is None or held.id != record.id:
        return [unknown(record)]
    if ranks.overruled(world, record.origin, record.by, account.name):
        return [too_high(record)]
    if record.step and record.step <= account.step:
        text = "This code was used already; wait for the next one"
        return [Failed(record.origin, "*", ("INVALID_CODE", record.account, text))]
    account.step = max(account.step, record.step)
    take_out(world, account, held)
    if record.kind == "password":
        account.void_before = entry.seq
    if record.kind == "totp":
        _take_out_recovery(world, account)
    outcomes: Outcomes = [Erase((held.seq,))] if held.kind in SECRET else []
    return [*outcomes, CredentialGone(account.name, held.kind, held.id, record.origin.session)]


def _take_out_recovery(world: World, account: Account) -> None:
    for code in account.of_kind("recovery"):
        take_out(world, account, code)


def email_confirmed(world: World, record: EmailConfirmed, entry: Entry) -> Outcomes:
    """Let an address be the account's, whose code was shown; the earlier one is erased."""
    account = world.account(record.account)
    held = account.credentials.get((NEW_EMAIL, record.code)) if account is not None else None
    if account is None or held is None or held.is_over(entry.seconds):
        text = "This code is not valid, or no longer"
        return [Failed(record.origin, "EMAIL", ("INVALID_CODE", text))]
    take_out(world, account, held)
    earlier = account.credential("email")
    keep(world, account, Credential("email", "", held.seq, created=entry.seconds))
    return [Erase((earlier.seq,))] if earlier is not None else []
