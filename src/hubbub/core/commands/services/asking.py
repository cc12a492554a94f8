"""NickServ and ChanServ: other faces of commands, for people who talk to them.

What is said to a service is a secret as a rule. So it is no message: it is not kept, not shown to
other sessions of the account, and not echoed either (IRCv3 echo-message): the answer shows that it
was heard. A labelled one gets the answer, or else an ACK, with its label.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from hubbub.core.commands.services.aliases import Word
from hubbub.core.commands.services.chanserv import CHANSERV
from hubbub.core.commands.services.nickserv import NICKSERV
from hubbub.core.deciding import step_up
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context
from hubbub.core.deciding.speaking import refuse
from hubbub.core.world.service_nicks import CHANSERV as CHANSERV_NICK
from hubbub.core.world.service_nicks import NICKSERV as NICKSERV_NICK
from hubbub.core.world.service_nicks import SERVICES, named
from hubbub.core.world.session import Awaiting
from hubbub.irc import numerics
from hubbub.irc.ctcp import CTCP
from hubbub.irc.message import Message

_FACES: Final = {NICKSERV_NICK: NICKSERV, CHANSERV_NICK: CHANSERV}
_HELP: Final = "HELP"
_SUMMARY: Final = "ask {}; HELP lists what"


class Services:
    """Hear what is said to services, and have the commands of a table carry it out.

    `words` is what each can be asked; `commands` are those that ask it (`NS` and the like).
    """

    def __init__(self, table: Mapping[str, Command]) -> None:
        self.words: Final = {
            service: {face.word: Word(face, table[face.command]) for face in faces}
            for service, faces in _FACES.items()
        }
        self.commands: Final = tuple(
            Command(name, self._command(service), "[command]", _SUMMARY.format(service), cost=FULL)
            for service in SERVICES
            for name in (service.upper(), service[0].upper() + "S")
        )

    def hear(self, ctx: CommandContext) -> None:
        """Take what is said to a service: a word, and what follows it."""
        command, params = ctx.command, ctx.message.params
        if command == "TAGMSG":
            # A client tells whom one writes to that one is typing: a service does not mind.
            return
        if len(params) < 2 or not params[1]:
            refuse(ctx, command, numerics.ERR_NOTEXTTOSEND)
        elif command == "PRIVMSG" and not params[1].startswith(CTCP):
            # A NOTICE is never answered, so there is nothing that it could ask for.
            self._ask(ctx, named(params[0]), words_of(params[1]))

    def _command(self, service: str) -> Callable[[CommandContext], None]:
        def handler(ctx: CommandContext) -> None:
            params = ctx.message.params
            self._ask(ctx, service, words_of(params[0]) if len(params) == 1 else params)

        return handler

    def _ask(self, ctx: CommandContext, service: str, words: Sequence[str]) -> None:
        ctx.service = service
        first, rest = (words[0].upper(), words[1:]) if words else (_HELP, ())
        known = self.words[service]
        word = known.get(first)
        if first == _HELP:
            _help(ctx, known, rest[0].upper() if rest else "")
        elif word is None:
            _unknown(ctx, known, first)
        else:
            _run(ctx, word, rest)


def words_of(text: str) -> list[str]:
    """Split what was said at blanks; what follows a colon may hold some, as in a line of IRC."""
    head, colon, last = text.partition(" :")
    return [*head.split(), last] if colon else head.split()


def _run(ctx: CommandContext, word: Word, words: Sequence[str]) -> None:
    """Let the command do what it does for everybody, in the service's name."""
    face, command = word.face, word.command
    if command.privilege and not ctx.user.may(command.privilege):
        ctx.say(f"This takes a server operator with the privilege {command.privilege}")
        return
    params = face.translate(ctx, words) if len(words) >= face.minimum else ()
    if isinstance(params, str):
        ctx.say(params)
    elif len(words) < face.minimum or len(params) < command.minimum:
        ctx.say(f"This needs more: {word.usage}")
    else:
        ctx.message = Message(command.name, tuple(params))
        ctx.session.await_answer(Awaiting(ctx.service))
        if not step_up.is_missing(ctx):
            command.handler(ctx)


def _unknown(ctx: Context, known: Mapping[str, Word], asked: str) -> None:
    # What was said is not repeated: it may be a password.
    usable = [name for name, word in known.items() if word.is_for(ctx)]
    close = difflib.get_close_matches(asked[:20], usable, 1)
    hint = f"did you mean {close[0]}? " if close else ""
    ctx.say(f"That is no command of mine; {hint}/msg {ctx.service} HELP lists them")


def _help(ctx: Context, known: Mapping[str, Word], asked: str) -> None:
    word = known.get(asked)
    if word is not None:
        ctx.say(word.usage)
        ctx.say(f"To {word.purpose}.")
        return
    if asked:
        _unknown(ctx, known, asked)
        return
    ctx.say(f"{SERVICES[ctx.service]}. What I can be asked; HELP and a word tells how:")
    for name, each in known.items():
        if each.is_for(ctx):
            ctx.say(f"{name:<12} {each.purpose}")
