"""HELP and HELPOP, written from the table of commands (Modern IRC, HELP message)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from hubbub.core.deciding.context import Command, CommandContext, Context, shown
from hubbub.irc import numerics
from hubbub.irc.fitting import wrap

WIDTH: Final = 70
INDEX: Final = "*"


def commands(table: Mapping[str, Command]) -> tuple[Command, ...]:
    """Return the commands that explain a table, which they may themselves become part of."""

    def help_command(ctx: CommandContext) -> None:
        subject = ctx.param(0).upper()
        command = table.get(subject)
        if not subject:
            _answer(ctx, INDEX, "Commands; HELP and a name tells more", _index(table))
        elif command is None:
            ctx.reply(numerics.ERR_HELPNOTFOUND, shown(ctx.param(0)))
        else:
            start, *rest = _about(command)
            _answer(ctx, command.name, start, rest)

    return tuple(
        Command(name, help_command, "[command]", "explain the commands", early=True)
        for name in ("HELP", "HELPOP")
    )


def _answer(ctx: Context, subject: str, start: str, lines: Iterable[str]) -> None:
    ctx.reply(numerics.RPL_HELPSTART, subject, start)
    for line in lines:
        ctx.reply(numerics.RPL_HELPTXT, subject, line)
    ctx.reply(numerics.RPL_ENDOFHELP, subject, "End of HELP")


def _index(table: Mapping[str, Command]) -> Iterable[str]:
    return wrap(sorted(table), WIDTH)


def _about(command: Command) -> list[str]:
    lines = [f"{command.name} {command.syntax}".rstrip(), f"To {command.summary}."]
    if command.privilege:
        lines.append(f"For server operators with the privilege {command.privilege}.")
    return lines
