"""SSH keys and TLS certificates: CERT and KEY.

A fingerprint is public, so listing it proves nothing. It logs in once its key has been shown: by
the connection on which it is added, by a signature (KEY PROVE), or at a first login with the
account's password besides (hubbub.core.deciding.login).
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final, NamedTuple

from hubbub.core.commands.accounts.credentials import is_label, manage, own_account
from hubbub.core.deciding.challenges import challenge, namespace_of
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps
from hubbub.core.policy.scopes import is_scope
from hubbub.core.records.accounts import CredentialAdded, CredentialProved
from hubbub.core.records.entries import Entry
from hubbub.core.requests import VerifySignature
from hubbub.core.world.accounts import Account

SIGNATURE_BYTES: Final = 8192
"""The longest signature in base64 that is put together from several commands."""
_CERTFP = re.compile(r"[0-9a-f]{64}\Z")
_SSH_KEY = re.compile(r"SHA256:[A-Za-z0-9+/]{43}\Z")
_KEY_TYPE = re.compile(r"(ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+\Z")
_USAGE: Final = "KEY ADD SHA256:... [name] [scope], or KEY ADD and the line of the .pub file"
_ARMOUR: Final = re.compile(r"-+(BEGIN|END) SSH SIGNATURE-+")


class _Given(NamedTuple):
    """Hold what KEY ADD was given: a fingerprint, and perhaps a label and a scope."""

    fingerprint: str
    label: str = ""
    scope: str = "chat"


def cert(ctx: CommandContext) -> None:
    """Add the certificate one connected with, or another by its fingerprint; list or remove."""
    account = own_account(ctx)
    if account is None:
        return
    subcommand = ctx.param(0).upper()
    if subcommand != "ADD":
        manage(ctx, account, "certfp", subcommand)
        return
    given = ctx.param(1).replace(":", "").lower() or ctx.session.certfp
    if not _CERTFP.match(given):
        ctx.fail("INVALID_PARAMS", "Give a SHA-256 fingerprint, or connect with the certificate")
    else:
        proved = given == ctx.session.certfp
        about = ("certfp", given)
        ctx.append(
            CredentialAdded(ctx.origin, account.name, *about, proved=proved, known=ctx.known)
        )


def key(ctx: CommandContext) -> None:
    """Add an SSH public key, prove, list or remove one."""
    account = own_account(ctx)
    if account is None:
        return
    subcommand = ctx.param(0).upper()
    if subcommand == "ADD":
        _add_key(ctx, account)
    elif subcommand == "CHALLENGE":
        challenge(ctx, account.name)
    elif subcommand == "PROVE":
        _prove_key(ctx, account)
    else:
        manage(ctx, account, "ssh", subcommand)


def _add_key(ctx: CommandContext, account: Account) -> None:
    given = _given(ctx)
    if given is None or (given.label and not is_label(given.label)):
        ctx.fail("INVALID_PARAMS", _USAGE)
    elif not is_scope(given.scope):
        ctx.fail("INVALID_SCOPE", "A key is for chat, post:#channel or read:#channel")
    else:
        kept = "" if given.scope == "chat" else given.scope
        about = ("ssh", given.fingerprint, given.label, kept)
        proved = given.fingerprint == ctx.session.key
        ctx.append(
            CredentialAdded(ctx.origin, account.name, *about, proved=proved, known=ctx.known)
        )


def _given(ctx: CommandContext) -> _Given | None:
    """Return what was given: a fingerprint, a public key's line, or nothing: the key shown here."""
    words = ctx.message.params[1:] or (ctx.session.key,)
    if len(words) == 1:
        # A line in one parameter, as a client sends what stands behind a colon.
        words = tuple(words[0].split()) or ("",)
    if _SSH_KEY.match(words[0]):
        return _Given(*words[:3])
    if not _KEY_TYPE.match(words[0]) or len(words) < 2:
        return None
    fingerprint = fingerprint_of(words[0], words[1])
    comment, scope = list(words[2:]), "chat"
    if comment and is_scope(comment[-1]):
        scope = comment.pop()
    # A comment need not be a name.
    label = comment[0] if comment and is_label(comment[0]) else ""
    return _Given(fingerprint, label, scope) if fingerprint else None


def fingerprint_of(kind: str, blob: str) -> str:
    """Return the fingerprint of a public key, as `ssh-keygen -l` prints it, or ""."""
    try:
        data = base64.b64decode(blob, validate=True)
    except ValueError:
        # Also what is no ASCII: binascii's own error is one of these.
        return ""
    # RFC 4253 6.6: the key begins with its type, which the line tells as well.
    name = len(kind).to_bytes(4, "big") + kind.encode()
    if not data.startswith(name):
        return ""
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    return f"SHA256:{digest}"


def _prove_key(ctx: CommandContext, account: Account) -> None:
    """Take a signature, or a part of one."""
    session = ctx.session
    part = "".join(_ARMOUR.sub("", " ".join(ctx.message.params[1:])).split())
    if not session.challenge:
        ctx.fail("INVALID_PARAMS", "KEY CHALLENGE comes first: it gives the text to sign")
        return
    session.signature += part
    if len(session.signature) > SIGNATURE_BYTES:
        _over(ctx, "")
        return
    text, given = session.challenge, session.signature

    def checked(fingerprint: str | None) -> None:
        if fingerprint is None:
            ctx.tell("KEY", "MORE", "Go on with KEY PROVE: the signature is not all here yet")
        # Another challenge may have been asked for meanwhile, which this does not answer.
        elif session.challenge == text:
            _over(ctx, fingerprint)

    ctx.requests.append(VerifySignature(text, namespace_of(ctx), given, checked))


def _over(ctx: Context, fingerprint: str) -> None:
    session = ctx.session
    session.challenge = session.signature = ""
    account = ctx.world.account(session.account)
    held = account.credential("ssh", fingerprint) if account is not None else None
    if not fingerprint:
        text = (
            f"This is no signature of the text for {namespace_of(ctx)}; KEY CHALLENGE begins anew"
        )
        ctx.fail("INVALID_CODE", text)
    elif account is None or held is None:
        ctx.fail(
            "NOT_FOUND", fingerprint, "Your account does not list this key: KEY ADD comes first"
        )
    elif not held.proved:
        ctx.append(CredentialProved(ctx.origin, account.name, "ssh", fingerprint))
    elif held.scope:
        ctx.fail("INVALID_SCOPE", "This key is for one purpose, and proves no more")
    else:
        # A key that is the account's shows that its owner sits here.
        session.prove(ctx.world.applied, ctx.now // 1_000_000, code=False)
        ctx.tell("KEY", "PROVED", fingerprint, "Thank you; you have proved your account")


def proved(ctx: Context, record: CredentialProved, entry: Entry) -> None:
    """Tell a session that what it has shown logs in from now on."""
    command = "KEY" if record.kind == "ssh" else "CERT"
    ctx.tell(command, "PROVED", record.id, "Proved: from now on it logs you in by itself")


COMMANDS: Final = (
    Command(
        "CERT",
        cert,
        "ADD [fingerprint] | LIST | DEL fingerprint",
        "manage TLS client certificates that log you in",
        minimum=1,
    ),
    Command(
        "KEY",
        key,
        "ADD [fingerprint|public-key] [name] [scope] | CHALLENGE | PROVE signature"
        " | LIST | DEL key",
        "manage SSH keys that log you in",
        minimum=1,
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {CredentialProved: proved}
