"""The command table, and the way from a message to its handler."""

from __future__ import annotations

from typing import Final

from hubbub.core.commands.accounts import (
    confirmations,
    credentials,
    devices,
    email,
    keys,
    registration,
    sasl,
    two_factor,
)
from hubbub.core.commands.channels import listing, membership, modes, rename
from hubbub.core.commands.channels import registration as channel_registration
from hubbub.core.commands.messages import (
    catching_up,
    editing,
    history,
    multiline,
    privmsg,
    read_markers,
    redaction,
    relaying,
    searching,
)
from hubbub.core.commands.metadata import metadata
from hubbub.core.commands.moderation import bans, force, purging, timed_bans
from hubbub.core.commands.operators import accounts as operator_accounts
from hubbub.core.commands.operators import cluster, invites, oper, server_status, switches
from hubbub.core.commands.services.asking import Services
from hubbub.core.commands.users import (
    connecting,
    help,
    information,
    ownership,
    presence,
    who,
    whois,
)
from hubbub.core.deciding import step_up
from hubbub.core.deciding.context import Command, CommandContext, Context, FollowUps, shown
from hubbub.core.deciding.login import scope_of
from hubbub.core.outcomes import Failed, Refused
from hubbub.core.policy import scopes
from hubbub.core.records.accounts import (
    AccountRegistered,
    AccountVerified,
    CredentialAdded,
    CredentialProved,
    CredentialRemoved,
    LoggedIn,
    OthersRevoked,
    Reauthenticated,
)
from hubbub.core.records.base import Record
from hubbub.core.records.entries import Entry
from hubbub.core.requests import Close
from hubbub.core.world.service_nicks import is_addressed
from hubbub.irc import numerics
from hubbub.irc.message import Message

_SUBJECTS: Final = (
    connecting,
    sasl,
    registration,
    credentials,
    two_factor,
    email,
    devices,
    keys,
    ownership,
    operator_accounts,
    confirmations,
    invites,
    server_status,
    cluster,
    privmsg,
    multiline,
    redaction,
    purging,
    membership,
    channel_registration,
    rename,
    relaying,
    modes,
    listing,
    who,
    whois,
    presence,
    history,
    searching,
    read_markers,
    catching_up,
    editing,
    metadata,
    information,
    oper,
    bans,
    timed_bans,
    force,
    switches,
)

COMMANDS: Final[dict[str, Command]] = {
    command.name: command for subject in _SUBJECTS for command in subject.COMMANDS
}
"""Every command, by name."""
SERVICES: Final = Services(COMMANDS)
"""NickServ and ChanServ: what is said to them is a command of the table, in other words."""
COMMANDS.update((command.name, command) for command in SERVICES.commands)
COMMANDS.update((command.name, command) for command in help.commands(COMMANDS))

FOLLOW_UPS: Final[FollowUps] = {
    record: follow_up for subject in _SUBJECTS for record, follow_up in subject.FOLLOW_UPS.items()
}
"""What the session is told that asked for a record, by the record's type."""


_EARLY: Final[frozenset[type[Record]]] = frozenset(
    {
        AccountRegistered,
        AccountVerified,
        CredentialAdded,
        CredentialProved,
        CredentialRemoved,
        LoggedIn,
        OthersRevoked,
        Reauthenticated,
    }
)
"""What a session can have brought about before it is a user."""
_LET_IN: Final = frozenset({AccountRegistered, AccountVerified, LoggedIn})
"""What may be all that a session lacked to become a user."""


def is_pipelined(command: Command | None, message: Message) -> bool:
    """Say whether a message is decided on while earlier records of its session are on their way.

    What a service is asked is a command, and waits as commands do.
    """
    return command is not None and command.pipelined and not is_addressed(message)


def dispatch(context: CommandContext) -> None:
    """Decide on the context's message: call its handler, or say why not."""
    message, session = context.message, context.session
    session.requests += 1
    command = COMMANDS.get(message.command)
    user = session.user
    if user is not None:
        user.acting = session.id
        if user.exercised:
            # What it uses of privileges is counted from here on.
            user.exercised.clear()
    if user is None:
        if command is None or not command.early:
            context.reply(numerics.ERR_NOTREGISTERED)
            return
    elif command is None:
        context.reply(numerics.ERR_UNKNOWNCOMMAND, shown(message.command))
        return
    elif not command.late:
        context.reply(numerics.ERR_ALREADYREGISTERED)
        return
    elif command.privilege and not user.may(command.privilege):
        context.reply(numerics.ERR_NOPRIVILEGES)
        return
    if session.scope is not None and not _is_in_scope(context):
        text = f"What you logged in with is for {session.scope} only"
        context.fail("OUT_OF_SCOPE", text, command=command.name)
        return
    message = context.message
    if len(message.params) < command.minimum:
        context.need_more_params()
    elif message.tags and "batch" in message.tags and user is not None:
        multiline.collect(context)
    elif not step_up.is_missing(context):
        # What may be pipelined is said to somebody, who may be a service.
        to_service = command.pipelined and is_addressed(message)
        handler = SERVICES.hear if to_service else command.handler
        handler(context)


def _is_in_scope(context: CommandContext) -> bool:
    """Say whether a session that came in for one purpose may give the message at hand."""
    scope = scope_of(context.world, context.session)
    if scope is None:
        return True
    context.message = scopes.without_words(scope, context.message)
    return scopes.allows(scope, context.message, context.session.user is not None)


def follow_up(context: Context, entry: Entry) -> None:
    """Tell the session that asked for an entry what follows from its having been applied."""
    handler = FOLLOW_UPS.get(type(entry.record))
    if handler is None or (context.session.user is None and type(entry.record) not in _EARLY):
        return
    _recall(context, entry.record.origin.request)
    handler(context, entry.record, entry)
    if context.session.user is None and type(entry.record) in _LET_IN:
        connecting.register_if_complete(context)


def refused(context: Context, refusal: Refused | Failed) -> None:
    """Tell the session that asked for an entry, and nobody else, that it came to nothing."""
    _recall(context, refusal.origin.request)
    context.session.sasl = None
    if isinstance(refusal, Failed):
        context.fail(*refusal.params, command=refusal.command)
    else:
        context.reply(refusal.numeric, *refusal.params)
        if refusal.closes:
            context.requests.append(Close(refusal.params[-1]))


def _recall(context: Context, request: int) -> None:
    """Let a context answer as the command of this number began to."""
    awaiting = context.session.awaiting.get(request)
    if awaiting is not None:
        context.service, context.secret = awaiting.service, awaiting.secret
