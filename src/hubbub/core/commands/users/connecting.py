"""Coming in and going out: CAP, PASS, NICK, USER, PING, PONG, QUIT."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hubbub.core.access.admission import NICK_RESERVED, entry_refusal, nick_refusal
from hubbub.core.apply.nicks import is_reserved
from hubbub.core.commands.accounts import registration
from hubbub.core.commands.channels import membership
from hubbub.core.commands.metadata import subscriptions
from hubbub.core.commands.users import information
from hubbub.core.deciding import audit, login
from hubbub.core.deciding.context import (
    FULL,
    SLIGHT,
    Command,
    CommandContext,
    Context,
    FollowUps,
    shown,
)
from hubbub.core.deciding.replaying import replay_direct
from hubbub.core.policy.lengths import QUIT_BYTES, REALNAME_BYTES
from hubbub.core.records.base import Origin, Record
from hubbub.core.records.entries import Entry
from hubbub.core.records.users import AwaySet, Connected, Renamed
from hubbub.core.requests import Close, Negotiated, Proof, Verify
from hubbub.core.showing import isupport
from hubbub.core.showing.capabilities import values
from hubbub.core.world.session import Session
from hubbub.irc import capabilities as cap
from hubbub.irc import modes, names, numerics
from hubbub.irc.fitting import clip, wrap
from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.numbers import number_of
from hubbub.irc.numerics import Numeric


def cap_command(ctx: CommandContext) -> None:
    """Negotiate capabilities (IRCv3 capability-negotiation)."""
    subcommand = ctx.param(0).upper()
    session = ctx.session
    if subcommand in ("LS", "REQ") and session.user is None:
        session.negotiating = True
    if subcommand == "LS":
        _cap_list_all(ctx)
    elif subcommand == "LIST":
        _cap_lines(ctx, "LIST", cap.names(session.caps))
    elif subcommand == "REQ":
        _cap_request(ctx)
    elif subcommand == "END":
        if session.user is None and session.negotiating:
            session.negotiating = False
            register_if_complete(ctx)
    else:
        ctx.reply(numerics.ERR_INVALIDCAPCMD, shown(ctx.param(0)))


def _cap_list_all(ctx: CommandContext) -> None:
    version = number_of(ctx.param(1)) or 301
    session = ctx.session
    session.cap_version = max(session.cap_version, version)
    if session.cap_version >= 302:
        session.caps |= cap.IMPLIED_BY_302
    _cap_lines(ctx, "LS", cap.advertisement(session.cap_version, values(ctx.policy, session)))


def _cap_lines(ctx: Context, subcommand: str, words: list[str]) -> None:
    nick = ctx.session.shown_nick
    room = LINE_BYTES - 2 - len(f":{ctx.policy.server} CAP {nick} {subcommand} * :".encode())
    lines = list(wrap(words, room)) or [""]
    if ctx.session.cap_version < 302:
        # Before version 302 a list may not go on in a second line.
        lines = lines[:1]
    for line in lines[:-1]:
        ctx.send("CAP", nick, subcommand, "*", line)
    ctx.send("CAP", nick, subcommand, lines[-1])


def _cap_request(ctx: CommandContext) -> None:
    session, requested = ctx.session, ctx.param(1)
    changed = cap.change(session.caps, requested.split())
    # cap-notify cannot be turned off by a client that speaks 302.
    refused = session.cap_version >= 302 and "-cap-notify" in requested.split()
    if changed is not None and (session.user is not None or session.registering):
        # Whether a session passes by, others learn when it comes in, or do not.
        refused = refused or (changed ^ session.caps) & cap.QUIET != 0
    if changed is None or refused:
        ctx.send("CAP", session.shown_nick, "NAK", requested)
        return
    for line in _acknowledged(ctx, requested):
        ctx.send("CAP", session.shown_nick, "ACK", line)
    ctx.requests.append(Negotiated(changed))


def _acknowledged(ctx: Context, requested: str) -> Iterable[str]:
    head = f":{ctx.policy.server} CAP {ctx.session.shown_nick} ACK :"
    room = LINE_BYTES - 2 - len(head.encode())
    return [requested] if len(requested) <= room else wrap(requested.split(), room)


def password(ctx: CommandContext) -> None:
    """Take the server's password, or `account:password` (RFC 2812 3.1.1).

    Both are checked when registration is complete.
    """
    ctx.session.password = ctx.param(0)


def nick(ctx: CommandContext) -> None:
    """Take a nick, or change it (RFC 2812 3.1.2)."""
    wanted = ctx.param(0)
    if not wanted:
        ctx.reply(numerics.ERR_NONICKNAMEGIVEN)
    elif not names.is_nick(wanted) or ctx.is_reserved(wanted):
        ctx.reply(numerics.ERR_ERRONEUSNICKNAME, shown(wanted))
    elif ctx.session.user is None and _comes_later(ctx, wanted):
        ctx.session.nick = wanted
        register_if_complete(ctx)
    elif (taken := _taken(ctx, wanted)) is not None:
        ctx.session.taken_nick = wanted
        ctx.reply(taken, wanted)
    elif ctx.session.user is None:
        ctx.session.nick = wanted
        register_if_complete(ctx)
    elif wanted != ctx.user.nick:
        user = ctx.user
        source = f"{wanted}!{user.username}@{user.host}"
        if ctx.refuse(nick_refusal(ctx.world, user, source, ctx.now // 1_000_000)):
            return
        ctx.append(Renamed(ctx.origin, user.source, wanted, ctx.world.histories(user)))


def _taken(ctx: Context, nick: str) -> Numeric | None:
    """Say why a session may not have a nick: it is an account's name, or somebody has it."""
    session = ctx.session
    account = session.user.account if session.user is not None else session.account
    if is_reserved(ctx.world, nick, ctx.world.account(account) if account else None):
        return NICK_RESERVED
    is_free = ctx.world.user(nick) in (None, session.user)
    return None if is_free else numerics.ERR_NICKNAMEINUSE


def _comes_later(ctx: Context, nick: str) -> bool:
    """Say whether a session is told when it is let in, and not yet, that it may not have a nick.

    Clients send NICK before they log in, and then may have the nick of their account. Where not
    everybody is let in, strangers are not told which names there are.
    """
    session, policy = ctx.session, ctx.policy
    if session.account or policy.password or policy.access != "open":
        return True
    is_named = ctx.world.account(nick) is not None
    return is_named and (session.negotiating or bool(session.password))


def user(ctx: CommandContext) -> None:
    """Take user name and real name (RFC 2812 3.1.3)."""
    session = ctx.session
    if session.username:
        ctx.reply(numerics.ERR_ALREADYREGISTERED)
        return
    if not (ctx.param(0) and ctx.param(3)):
        ctx.need_more_params()
        return
    session.username = names.username(ctx.param(0))
    session.realname = clip(ctx.param(3), REALNAME_BYTES)
    register_if_complete(ctx)


def register_if_complete(ctx: Context) -> None:
    """Ask for the record that makes the session a user, once all it needs was given."""
    session = ctx.session
    if session.negotiating or session.registering or not (session.nick and session.username):
        return
    if session.sasl is not None:
        # Who goes on without having finished wants to be let in without (IRCv3 sasl-3.1).
        session.sasl = None
        ctx.reply(numerics.ERR_SASLABORTED)
    name, colon, given = session.password.partition(":")
    if not ctx.policy.password and colon and not session.account:
        session.password = ""
        login.with_password(ctx, name, given, lambda why: _not_let_in(ctx, why))
    elif not ctx.policy.password:
        _connect(ctx)
    else:
        _check_password(ctx)


def _not_let_in(ctx: Context, why: str) -> None:
    ctx.reply(numerics.ERR_PASSWDMISMATCH)
    ctx.requests.append(Close(why))


def _check_password(ctx: Context) -> None:
    session = ctx.session

    def verified(proof: Proof) -> None:
        if proof.right:
            _connect(ctx)
        else:
            _not_let_in(ctx, f"Bad password{login.next_wait(proof)}")

    session.registering = True
    ctx.requests.append(Verify(ctx.policy.password, session.password, verified))


def _connect(ctx: Context) -> None:
    session = ctx.session
    if not session.account and ctx.policy.access != "open":
        # Who logs in before the time to register is over comes through here again.
        session.registering = False
        _account_required(ctx)
        return
    # With an account applying decides: it joins the user who is here already, or is given the nick
    # of the account back (displace).
    taken = None if session.account else _taken(ctx, session.nick)
    if taken is not None:
        ctx.reply(taken, session.nick)
        not_welcome(session)
        return
    # It has served, and is kept no longer than that.
    session.password = ""
    source = f"{session.nick}!{session.username}@{session.host}"
    refusal = entry_refusal(ctx.world, source, session.account, ctx.now // 1_000_000)
    if refusal is not None:
        ctx.refuse(refusal)
        ctx.requests.append(Close(refusal[1][-1]))
        return
    # Until the record is applied, which decides a race for the nick: what is given meanwhile does
    # not ask for a second one.
    session.registering = True
    ctx.append(_as_given(session, ctx.origin))


def _as_given(session: Session, origin: Origin) -> Connected:
    return Connected(
        origin,
        session.nick,
        session.username,
        session.host,
        session.realname,
        session.account,
        scope=session.scope,
        secure=session.secure,
        absent=session.absent,
        metadata=tuple(session.metadata.items()),
        device=":".join(session.credential or ()),
        quiet=session.quiet,
    )


def _account_required(ctx: Context) -> None:
    """Say that guests are not let in, and how to be; who still can log in or register may.

    For that there is the time that a session has to register.
    """
    may_register = ctx.policy.access == "invite" and ctx.policy.register_before_connect
    register = "; or, with an invite code, make one: REGISTER * * password code"
    text = "An account is needed here: log in with SASL, or with the server password"
    text = f"{text} account:password{register if may_register else ''}"
    ctx.fail("ACCOUNT_REQUIRED", text, command="*")
    if not (may_register or ctx.session.has(cap.SASL)):
        ctx.requests.append(Close(text))


def welcome(ctx: Context, record: Record, entry: Entry) -> None:
    """Greet a session that has become a user, or one more session of its user."""
    policy = ctx.policy
    ctx.reply(numerics.RPL_WELCOME, f"Welcome to {policy.network}, {ctx.user.source}")
    ctx.reply(numerics.RPL_YOURHOST, f"Your host is {policy.server}, running {isupport.VERSION}")
    ctx.reply(numerics.RPL_CREATED, f"This server was started {policy.created}")
    ctx.reply(
        numerics.RPL_MYINFO,
        policy.server,
        isupport.VERSION,
        modes.USER_MODES,
        modes.CHANNEL_LETTERS,
        modes.LETTERS_WITH_PARAMETER,
    )
    information.show_supported(ctx)
    if ctx.session.has(cap.WHOAMI):
        ctx.send("SETNAME", ctx.user.realname, source=ctx.user.source)
    subscriptions.show_own(ctx)
    information.lusers(ctx)
    if ctx.session.has(cap.PERSISTENCE):
        registration.status(ctx)
    information.motd(ctx)
    audit.came_in(ctx)
    if ctx.session.quiet:
        # It hears what it asks for, and is not what its user is said to do.
        return
    login.tell_failures(ctx)
    if ctx.user.id != ctx.session.id:
        membership.show_all(ctx)
    elif ctx.session.away_text:
        ctx.append(AwaySet(ctx.origin, ctx.user.source, ctx.session.away_text))
    replay_direct(ctx)


def not_welcome(session: Session) -> None:
    """Let a session whose nick was taken meanwhile choose another."""
    session.registering = False
    session.nick = ""


def ping(ctx: CommandContext) -> None:
    """Answer PONG with what was sent (RFC 2812 3.7.2)."""
    if not ctx.param(0):
        ctx.reply(numerics.ERR_NOORIGIN)
    else:
        ctx.send("PONG", ctx.policy.server, ctx.param(0))


def pong(ctx: Context) -> None:
    """Take the answer to a PING; that bytes came is all that counts."""


def quit_command(ctx: CommandContext) -> None:
    """End the session (RFC 2812 3.1.7)."""
    reason = clip(ctx.param(0), QUIT_BYTES)
    ctx.requests.append(Close(f"Quit: {reason}" if reason else "Client quit"))


COMMANDS: Final = (
    Command(
        "CAP",
        cap_command,
        "LS [302] | LIST | REQ :names | END",
        "negotiate capabilities",
        minimum=1,
        early=True,
        cost=SLIGHT,
    ),
    Command(
        "PASS",
        password,
        "password",
        "give the server's password",
        minimum=1,
        early=True,
        late=False,
    ),
    Command("NICK", nick, "nick", "take or change your nick", early=True, cost=FULL),
    Command(
        "USER",
        user,
        "name 0 * :real name",
        "say who you are when you connect",
        minimum=4,
        early=True,
        late=False,
    ),
    Command("PING", ping, "token", "ask for a PONG", early=True, settles=True, cost=SLIGHT),
    Command("PONG", pong, "token", "answer a PING", early=True, cost=SLIGHT),
    Command("QUIT", quit_command, "[:reason]", "leave", early=True, cost=SLIGHT),
)

FOLLOW_UPS: Final[FollowUps] = {Connected: welcome}
