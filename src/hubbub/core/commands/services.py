"""NickServ and ChanServ: other faces of commands, for people who talk to them.

What is said to a service is a secret as a rule. So it is no message: it is not kept, not shown to
other sessions of the account, and not echoed either (IRCv3 echo-message): the answer shows that it
was heard. A labelled one gets the answer, or else an ACK, with its label.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import Final

from hubbub.core import step_up
from hubbub.core.commands.chanserv import CHANSERV
from hubbub.core.commands.faces import Face
from hubbub.core.commands.nickserv import NICKSERV
from hubbub.core.context import FULL, Command, Context, FollowUps
from hubbub.core.services import CHANSERV as CHANSERV_NICK
from hubbub.core.services import NICKSERV as NICKSERV_NICK
from hubbub.core.services import SERVICES
from hubbub.core.session import Awaiting
from hubbub.irc.ctcp import CTCP
from hubbub.irc.message import Message

FACES: Final = {
    NICKSERV_NICK: {face.word: face for face in NICKSERV},
    CHANSERV_NICK: {face.word: face for face in CHANSERV},
}
"""What each service can be asked, by its words."""
_HELP: Final = "HELP"


def hear(ctx: Context, service: str, text: str) -> None:
    """Take what was said to a service: a word, and what follows it."""
    if not text.startswith(CTCP):
        _ask(ctx, service, words_of(text))


def words_of(text: str) -> list[str]:
    """Split what was said at blanks; what follows a colon may hold some, as in a line of IRC."""
    head, colon, last = text.partition(" :")
    return [*head.split(), last] if colon else head.split()


def _ask(ctx: Context, service: str, words: Sequence[str]) -> None:
    ctx.service = service
    word, rest = (words[0].upper(), words[1:]) if words else (_HELP, ())
    face = FACES[service].get(word)
    if word == _HELP:
        _help(ctx, rest[0].upper() if rest else "")
    elif face is None:
        _unknown(ctx, word)
    else:
        _run(ctx, face, rest)


def _run(ctx: Context, face: Face, words: Sequence[str]) -> None:
    """Let the command do what it does for everybody, in the service's name."""
    command = face.stands_for
    if command.privilege and not ctx.user.may(command.privilege):
        ctx.say(f"This takes a server operator with the privilege {command.privilege}")
        return
    params = face.translate(ctx, words) if len(words) >= face.minimum else ()
    if isinstance(params, str):
        ctx.say(params)
    elif len(words) < face.minimum or len(params) < command.minimum:
        ctx.say(f"This needs more: {face.usage}")
    else:
        ctx.message = Message(command.name, tuple(params))
        ctx.session.await_answer(Awaiting(ctx.service))
        if not step_up.is_missing(ctx):
            command.handler(ctx)


def _unknown(ctx: Context, word: str) -> None:
    # What was said is not repeated: it may be a password.
    known = [face.word for face in FACES[ctx.service].values() if face.is_for(ctx)]
    close = difflib.get_close_matches(word[:20], known, 1)
    hint = f"did you mean {close[0]}? " if close else ""
    ctx.say(f"That is no command of mine; {hint}/msg {ctx.service} HELP lists them")


def _help(ctx: Context, word: str) -> None:
    face = FACES[ctx.service].get(word)
    if face is not None:
        ctx.say(face.usage)
        ctx.say(f"To {face.purpose}.")
        return
    if word:
        _unknown(ctx, word)
        return
    ctx.say(f"{SERVICES[ctx.service]}. What I can be asked; HELP and a word tells how:")
    for each in FACES[ctx.service].values():
        if each.is_for(ctx):
            ctx.say(f"{each.word:<12} {each.purpose}")


def _command(service: str) -> Callable[[Context], None]:
    def handler(ctx: Context) -> None:
        params = ctx.message.params
        _ask(ctx, service, words_of(params[0]) if len(params) == 1 else params)

    return handler


COMMANDS: Final = tuple(
    Command(name, _command(service), "[command]", f"ask {service}; HELP lists what", cost=FULL)
    for service in SERVICES
    for name in (service.upper(), service[0].upper() + "S")
)

FOLLOW_UPS: Final[FollowUps] = {}
