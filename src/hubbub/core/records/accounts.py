"""Facts about accounts: who registered, with what they prove it, and who logged in.

What is secret (a password's hash, a TOTP key, an e-mail address) is the Body of its entry, which
apply never reads and which can be erased; the World remembers the entry's seq. Random codes and
tokens are kept as digests, which tell nothing.
"""

from __future__ import annotations

from hubbub.core.records.base import Record


class AccountRegistered(Record, frozen=True, array_like=True, tag="account"):
    """An account came to be; the body, where there is one, is its password credential.

    `by` names who made it for another, or is "" where the session that asked is its owner; `invite`
    is the digest of the invite code that was used, or "". `source` is the registrant's. `key` is
    the fingerprint of an SSH key that proves the account from the start, or "".
    """

    account: str
    source: str = ""
    by: str = ""
    invite: str = ""
    verified: bool = True
    histories: tuple[str, ...] = ()
    key: str = ""


class AccountVerified(Record, frozen=True, array_like=True, tag="account-verified"):
    """The owner of an account has shown the code that was sent; `code` is its digest.

    `by` names the operator who let it be used without one.
    """

    account: str
    code: str
    source: str = ""
    by: str = ""


class EmailConfirmed(Record, frozen=True, array_like=True, tag="email-confirmed"):
    """The owner of an account has shown the code that was sent to a new e-mail address."""

    account: str
    code: str


class AccountSet(Record, frozen=True, array_like=True, tag="account-set"):
    """Something about an account changed.

    `what` is one of `persist` ("on" or "off"), `operator` (a class, or "" for none) and `suspended`
    (the reason, or "" to lift it). `by` names who did it, "" being the owner. `spares_last` is set
    where nobody has confirmed that the server may lose its last owner by it.
    """

    account: str
    what: str
    value: str
    by: str = ""
    spares_last: bool = False


class AccountDropped(Record, frozen=True, array_like=True, tag="account-drop"):
    """An account is over, with its credentials and direct messages; its name is not given again.

    `spares_last` is as in AccountSet.
    """

    account: str
    by: str = ""
    spares_last: bool = False


class AccountErased(AccountDropped, frozen=True, array_like=True, tag="account-erased"):
    """An account is over, and all that it said is to be gone, on every node and from each backup.

    It may have been dropped before.
    """


class AccountLoggedOut(Record, frozen=True, array_like=True, tag="account-out"):
    """An operator ended all sessions of an account and, where `revoked`, all that proves it."""

    account: str
    by: str
    revoked: bool = False


class AccountHandedOver(Record, frozen=True, array_like=True, tag="account-handed"):
    """What one account has is another's: it is the founder of its channels, or of some.

    `channels` are (name, history); `tokens` the digests of the app tokens that go along.
    """

    account: str
    to: str
    by: str
    channels: tuple[tuple[str, str], ...] = ()
    tokens: tuple[str, ...] = ()


class AccountRenamed(Record, frozen=True, array_like=True, tag="account-renamed"):
    """An account that nobody has ever used has another name; the one it had is free again."""

    account: str
    name: str
    by: str


class CredentialAdded(Record, frozen=True, array_like=True, tag="credential"):
    """An account can be proved in one more way; of some kinds there is one, which is replaced.

    `id` tells credentials of a kind apart: a fingerprint or a digest, "" where there is one only.
    `expires` is in seconds since 1970, 0 being never. `reset` is the digest of the code that allows
    this, once. One that is not `proved` is only listed: what has its key has not been shown. With a
    TOTP key come `codes`, the digests of its recovery codes, and the time step
    of the one-time password that confirmed it. `known` is the seq up to which the World had
    followed when its owner asked for it, 0 where nobody who was logged in did.
    """

    account: str
    kind: str
    id: str = ""
    label: str = ""
    scope: str = ""
    expires: int = 0
    by: str = ""
    histories: tuple[str, ...] = ()
    reset: str = ""
    codes: tuple[str, ...] = ()
    step: int = 0
    proved: bool = True
    known: int = 0


class CredentialProved(Record, frozen=True, array_like=True, tag="credential-proved"):
    """Who has an account has shown the key to a fingerprint that it lists."""

    account: str
    kind: str
    id: str


class CredentialRemoved(Record, frozen=True, array_like=True, tag="credential-removed"):
    """An account can no longer be proved in one way.

    `step` is the time step of the one-time password that was given for it, 0 for none.
    """

    account: str
    kind: str
    id: str = ""
    by: str = ""
    step: int = 0


class LoggedIn(Record, frozen=True, array_like=True, tag="login"):
    """A session proved an account with one of its credentials, before or after it registered.

    `step` is the time step of the one-time password that came with it, 0 for none; a step counts
    once. `recovery` is the digest of the recovery code that stood in for it. `source` is "" before
    the session has registered. `checked` are the seqs of the secrets that a password was checked
    with: the password's and, where there is one, the TOTP key's. `since` is the seq of the login
    that proved the password for a whole connection by SSH, on which this is one more session.
    """

    account: str
    kind: str
    id: str = ""
    source: str = ""
    step: int = 0
    recovery: str = ""
    checked: tuple[int, ...] = ()
    since: int = 0


class Reauthenticated(Record, frozen=True, array_like=True, tag="reauthenticated"):
    """A session proved its account once more; the fields are those of LoggedIn."""

    account: str
    step: int = 0
    recovery: str = ""
    checked: tuple[int, ...] = ()


class OthersRevoked(Record, frozen=True, array_like=True, tag="others-revoked"):
    """Whatever else logs in to an account was taken from it, and its other sessions end.

    The password, its second factor and the e-mail address stay, as does what the session that asked
    has come in with: its `kind` and `id`.
    """

    account: str
    kind: str = ""
    id: str = ""
    by: str = ""


class LoggedOut(Record, frozen=True, array_like=True, tag="logout"):
    """A session's user is a guest again."""

    source: str


class InviteMade(Record, frozen=True, array_like=True, tag="invite-code"):
    """An invite code can be used: `code` is its digest.

    `uses` is how often, `expires` in seconds since 1970 (0: never), `by` who made it. `grants` is
    the class of operator that its user becomes, "" for none.
    """

    code: str
    uses: int = 1
    expires: int = 0
    by: str = ""
    grants: str = ""
    note: str = ""


class InviteRevoked(Record, frozen=True, array_like=True, tag="invite-revoked"):
    """An invite code (its digest) can no longer be used."""

    code: str
    by: str = ""


class Redeemed(Record, frozen=True, array_like=True, tag="redeem"):
    """An account used a code (its digest) and became what it grants."""

    account: str
    code: str
    source: str = ""
