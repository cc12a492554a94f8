"""The command table, and the way from a message to its handler."""

from __future__ import annotations

from typing import Final

from hubbub.core.commands import (
    channel_registration,
    channels,
    help,
    history,
    information,
    listing,
    messaging,
    modes,
    multiline,
    operators,
    presence,
    read_markers,
    redaction,
    registration,
    who,
    whois,
)
from hubbub.core.context import Command, Context, FollowUps, shown
from hubbub.core.records import Entry
from hubbub.irc import numerics

_ROOMS: Final = (
    registration,
    messaging,
    multiline,
    redaction,
    channels,
    channel_registration,
    modes,
    listing,
    who,
    whois,
    presence,
    history,
    read_markers,
    information,
    operators,
)

COMMANDS: Final[dict[str, Command]] = {
    command.name: command for room in _ROOMS for command in room.COMMANDS
}
"""Every command, by name."""
COMMANDS.update((command.name, command) for command in help.commands(COMMANDS))

_FOLLOW_UPS: Final[FollowUps] = {
    record: follow_up for room in _ROOMS for record, follow_up in room.FOLLOW_UPS.items()
}


def dispatch(context: Context) -> None:
    """Decide on the context's message: call its handler, or say why not."""
    message, session = context.message, context.session
    session.requests += 1
    command = COMMANDS.get(message.command)
    if session.user is None:
        if command is None or not command.early:
            context.reply(numerics.ERR_NOTREGISTERED)
            return
    elif command is None:
        context.reply(numerics.ERR_UNKNOWNCOMMAND, shown(message.command))
        return
    elif not command.late:
        context.reply(numerics.ERR_ALREADYREGISTERED)
        return
    elif command.privilege and not session.user.may(command.privilege):
        context.reply(numerics.ERR_NOPRIVILEGES)
        return
    if len(message.params) < command.minimum:
        context.need_more_params()
    else:
        command.handler(context)


def follow_up(context: Context, entry: Entry) -> None:
    """Tell the session that asked for an entry what follows from its having been applied."""
    handler = _FOLLOW_UPS.get(type(entry.record))
    if handler is not None:
        handler(context, entry.record, entry)
