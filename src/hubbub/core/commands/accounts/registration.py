"""Making an account and what belongs to having one: REGISTER, VERIFY, REDEEM, LOGOUT, PERSISTENCE.

REGISTER and VERIFY are IRCv3 draft/account-registration; a further parameter of REGISTER, the
invite code, is ours.
"""

from __future__ import annotations

from typing import Final

from hubbub.core.access import passwords
from hubbub.core.access.admission import registration_refusal
from hubbub.core.apply.accounts import OTHER_SESSIONS
from hubbub.core.commands.accounts import confirmations, mail
from hubbub.core.deciding import login
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps, shown
from hubbub.core.records.accounts import (
    AccountRegistered,
    AccountSet,
    AccountVerified,
    CredentialAdded,
    LoggedOut,
    Redeemed,
)
from hubbub.core.records.entries import Body, Entry
from hubbub.core.requests import Close, Draw, Hash, Proof, Verify
from hubbub.core.world.accounts import code_digest, is_account_name, secrets_of, shown_code
from hubbub.core.world.session import Awaiting
from hubbub.irc import capabilities as cap
from hubbub.irc import names, numerics

VERIFY_SECONDS: Final = 86_400
"""How long the code that is sent to an e-mail address can be used."""


def register(ctx: CommandContext) -> None:
    """Register an account under one's nick."""
    name, email, password, *code = ctx.message.params
    session = ctx.session
    nick = session.user.nick if session.user is not None else session.nick or session.taken_nick
    name = nick if name == "*" else name
    digest = code_digest(code[0]) if code and code[0] else ""

    def admitted(proof: Proof) -> None:
        if proof.right:
            refusal = (
                _refusal(ctx, name, nick, digest)
                or _address_refusal(ctx, email)
                or passwords.unacceptable(password, name, ctx.policy.password_length)
            )
            if refusal is not None:
                failure, text = refusal
                ctx.fail(failure, shown(name), text)
                return
            to = email if ctx.policy.email != "off" and email != "*" else ""
            _register(ctx, name, to, password, digest)
        else:
            ctx.reply(numerics.ERR_PASSWDMISMATCH)
            ctx.requests.append(Close(f"Bad password{login.next_wait(proof)}"))

    if session.user is None and ctx.policy.password:
        # Who may not come in may not have an account either, nor learn which there are.
        ctx.requests.append(Verify(ctx.policy.password, session.password, admitted))
    else:
        admitted(Proof(True))


_NOT_YET: Final = "COMPLETE_CONNECTION_REQUIRED"


def _refusal(ctx: Context, name: str, nick: str, invite: str) -> tuple[str, str] | None:
    """Return the code and text of why this session may not register a name, or None."""
    session = ctx.session
    if session.user is None and not ctx.policy.register_before_connect:
        return _NOT_YET, "Register once you are connected"
    if not nick:
        return "NEED_NICK", "Send NICK first"
    if session.account or (session.user is not None and session.user.account):
        return "ALREADY_AUTHENTICATED", "You have an account"
    source = f"{nick}!{session.username or '*'}@{session.host}"
    ban = ctx.world.bans.of_user(source, "", ctx.now // 1_000_000)
    if session.user is None and ban is not None:
        return "TEMPORARILY_UNAVAILABLE", ban.text
    if names.fold(name) != names.fold(nick):
        return "ACCOUNT_NAME_MUST_BE_NICK", "An account has the nick that you use"
    return _access_refusal(ctx, invite) or _name_refusal(ctx, name)


def _name_refusal(ctx: Context, name: str) -> tuple[str, str] | None:
    """Return the code and text of why nobody, or somebody else only, may have a name, or None.

    Asked after _access_refusal only: who may not register learns nothing of which names there are.
    """
    now = ctx.now // 1_000_000
    if not is_account_name(name) or ctx.is_reserved(name):
        return "BAD_ACCOUNT_NAME", "This name cannot be registered"
    earlier, holder = ctx.world.reserved_for(name), ctx.world.user(name)
    if (earlier is not None and not earlier.is_free(now)) or holder not in (None, ctx.session.user):
        return "ACCOUNT_EXISTS", "This name is taken"
    return None


def _access_refusal(ctx: Context, digest: str) -> tuple[str, str] | None:
    invite = ctx.world.invites.get(digest)
    good = invite is not None and invite.is_good(ctx.now // 1_000_000)
    if digest and not good:
        return "INVALID_INVITE", "This invite code is not valid, or no longer"
    if invite is not None and invite.grants:
        return None
    closed = registration_refusal(ctx.world)
    if closed is not None:
        return closed
    if ctx.policy.access == "closed":
        return "TEMPORARILY_UNAVAILABLE", "Accounts are made by this server's operators"
    if ctx.policy.access == "invite" and not digest:
        text = "An account needs an invite code; HELP REGISTER tells where it goes"
        return "INVITE_REQUIRED", text
    return None


def _address_refusal(ctx: Context, email: str) -> tuple[str, str] | None:
    if ctx.policy.email == "required" and not mail.is_address(email):
        return "INVALID_EMAIL", "An account needs an e-mail address here"
    if ctx.policy.email == "optional" and email != "*" and not mail.is_address(email):
        return "INVALID_EMAIL", "This is no e-mail address; * stands for none"
    return None


def _register(ctx: Context, name: str, email: str, password: str, invite: str) -> None:
    session = ctx.session

    def hashed(secret: str) -> None:
        source = session.user.source if session.user is not None else ""
        histories = (secrets_of(name),)
        record = AccountRegistered(ctx.origin, name, source, "", invite, not email, histories)
        # Its address is kept once the name is known to be this session's.
        ctx.session.await_answer(Awaiting(ctx.service, email))
        ctx.append(record, Body(secret))

    ctx.requests.append(Hash(password, hashed, registers=not invite))


def _send_code(ctx: Context, name: str, email: str, code: str) -> None:
    histories = (secrets_of(name),)
    ctx.append(CredentialAdded(ctx.origin, name, "email", histories=histories), Body(email))
    over = ctx.now // 1_000_000 + VERIFY_SECONDS
    ctx.append(CredentialAdded(ctx.origin, name, "verify", code_digest(code), expires=over))
    ctx.requests.append(mail.verification(ctx.policy, email, name, shown_code(code)))


def register_with_key(
    ctx: Context, name: str, fingerprint: str, code: str, failed: login.Failure
) -> None:
    """Register an account that an SSH key proves, whose holder has shown the key and the code."""
    digest = code_digest(code)
    refusal = _access_refusal(ctx, digest) or _name_refusal(ctx, name)
    if refusal is not None:
        failed(refusal[1])
    elif ctx.world.account_of("ssh", fingerprint) is not None:
        # Who only lists it keeps nobody out.
        failed("This key belongs to an account already")
    else:
        ctx.append(AccountRegistered(ctx.origin, name, invite=digest, key=fingerprint))


def registered(ctx: Context, record: AccountRegistered, entry: Entry) -> None:
    """Tell a session that its account is made, or what is still to be done."""
    if record.by:
        confirmations.account_registered(ctx, record, entry)
        return
    if not record.verified:
        name, email = record.account, ctx.secret
        ctx.requests.append(Draw(1, lambda codes: _send_code(ctx, name, email, codes[0])))
        text = f"A code was sent to your e-mail address: VERIFY {record.account} code"
        ctx.tell("REGISTER", "VERIFICATION_REQUIRED", record.account, text)
        return
    _belongs(ctx, record.account, record.key)
    ctx.tell("REGISTER", "SUCCESS", record.account, "Account registered")
    login.announce(ctx, record.account)
    account = ctx.world.account(record.account)
    if account is not None and account.operator:
        # What the code granted, such as the owner's code of the first start.
        ctx.notice(f"You are an operator of this server: {account.operator}")


def _belongs(ctx: Context, account: str, key: str = "") -> None:
    ctx.session.account = account
    ctx.session.credential = ("ssh", key) if key else ("password", "")
    ctx.session.prove(ctx.world.applied, ctx.now // 1_000_000)


def verify(ctx: CommandContext) -> None:
    """Show the code that was sent to an e-mail address."""
    name, code = ctx.message.params[:2]
    if ctx.session.account:
        ctx.fail("ALREADY_AUTHENTICATED", shown(name), "You have an account")
    elif ctx.session.user is None and not ctx.policy.register_before_connect:
        ctx.fail(_NOT_YET, shown(name), "Verify once you are connected")
    else:
        source = ctx.session.user.source if ctx.session.user is not None else ""
        account = ctx.world.account(name)
        digest = code_digest(code)
        if account is None or ("verify", digest) not in account.credentials:
            text = "This code is not valid, or no longer"
            login.refuse(ctx, "", lambda _: ctx.fail("INVALID_CODE", shown(name), text))
        else:
            ctx.append(AccountVerified(ctx.origin, account.name, digest, source))


def verified(ctx: Context, record: AccountVerified, entry: Entry) -> None:
    """Tell a session that its account can be used, or an operator that another's can."""
    if record.by:
        ctx.tell("ACCOUNT", "VERIFIED", record.account, "It can be used now")
        return
    _belongs(ctx, record.account)
    ctx.tell("VERIFY", "SUCCESS", record.account, "Account registered")
    login.announce(ctx, record.account)


def redeem(ctx: CommandContext) -> None:
    """Use a code that makes one an operator, such as the owner's code of the first start."""
    user, code = ctx.user, code_digest(ctx.param(0))
    invite = ctx.world.invites.get(code)
    if not user.account:
        ctx.fail("ACCOUNT_REQUIRED", "Register an account first, or give the code to REGISTER")
    elif invite is None or not invite.grants:
        text = "This code is not valid, or no longer"
        login.refuse(ctx, "", lambda _: ctx.fail("INVALID_CODE", text))
    else:
        ctx.append(Redeemed(ctx.origin, user.account, code, user.source))


def redeemed(ctx: Context, record: Redeemed, entry: Entry) -> None:
    """Tell a session what it has become."""
    account = ctx.world.account(record.account)
    if account is not None:
        text = f"You are an operator now: {account.operator}"
        ctx.tell("REDEEM", "SUCCESS", account.operator, text)


def logout(ctx: Context) -> None:
    """Be a guest again."""
    if not ctx.user.account:
        ctx.fail("ACCOUNT_REQUIRED", "You are not logged in")
    elif ctx.policy.access != "open":
        ctx.fail("ACCOUNT_REQUIRED", "Only accounts may be here; QUIT instead")
    elif len(ctx.user.sessions) > 1:
        ctx.fail("OTHER_SESSIONS", OTHER_SESSIONS)
    else:
        ctx.append(LoggedOut(ctx.origin, ctx.user.source))


def persistence(ctx: CommandContext) -> None:
    """Show or set whether one stays while not connected (draft/persistence)."""
    account = ctx.world.account(ctx.user.account) if ctx.user.account else None
    subcommand, value = ctx.param(0).upper(), ctx.param(1).upper()
    if account is None:
        ctx.fail("ACCOUNT_REQUIRED", "An account is needed for this")
    elif subcommand == "GET":
        status(ctx)
    elif subcommand == "SET" and value in ("ON", "OFF", "DEFAULT"):
        wanted = "off" if value == "OFF" else "on"
        ctx.append(AccountSet(ctx.origin, account.name, "persist", wanted))
    else:
        ctx.fail("INVALID_PARAMS", "PERSISTENCE GET, or PERSISTENCE SET ON|OFF|DEFAULT")


def status(ctx: Context) -> None:
    """Tell a session whether its user stays while not connected."""
    account = ctx.world.account(ctx.user.account) if ctx.user.account else None
    if account is None:
        return
    now = "ON" if account.persist else "OFF"
    if ctx.service:
        ctx.say(_stays(account.persist))
    else:
        ctx.send("PERSISTENCE", "STATUS", now, now)


def _stays(persists: bool) -> str:
    where = "stay in your channels" if persists else "leave your channels"
    return f"You {where} when you disconnect"


def account_set(ctx: Context, record: AccountSet, entry: Entry) -> None:
    """Confirm a change of one's own account, or of another's."""
    if record.by:
        confirmations.account_set(ctx, record, entry)
    elif record.what == "persist":
        if ctx.session.has(cap.PERSISTENCE):
            status(ctx)
        else:
            ctx.tell("PERSISTENCE", "SUCCESS", _stays(record.value == "on"))


COMMANDS: Final = (
    Command(
        "REGISTER",
        register,
        "account|* email|* password [invite-code]",
        "register an account under your nick",
        minimum=3,
        early=True,
        cost=FULL,
    ),
    Command(
        "VERIFY",
        verify,
        "account code",
        "show the code that was sent by e-mail",
        minimum=2,
        early=True,
        cost=FULL,
    ),
    Command("REDEEM", redeem, "code", "become what a code grants", minimum=1, cost=FULL),
    Command("LOGOUT", logout, "", "be a guest again", cost=FULL),
    Command(
        "PERSISTENCE",
        persistence,
        "GET | SET ON|OFF|DEFAULT",
        "stay in your channels while you are not connected",
        minimum=1,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {
    AccountRegistered: registered,
    AccountVerified: verified,
    AccountSet: account_set,
    Redeemed: redeemed,
}
