"""Commands about a message that was said: react to it, answer it, give one's own another text."""

from __future__ import annotations

from typing import Final

from hubbub.client.commands.context import Completes, Console, SlashCommand
from hubbub.client.events import ChatMessage

_REACTION_BYTES: Final = 64


def newest(console: Console, nick: str, words: str, own: bool = False) -> ChatMessage | None:
    """Return the newest message here that holds these words: somebody's, our own, or anybody's.

    Without a nick it is our own where `own` is set, and otherwise another's.
    """
    same, wanted = console.session.state.same, words.casefold().split()
    for said in reversed(console.view.said_here()):
        theirs = same(said.nick, nick) if nick else said.own == own
        there = said.msgid and not said.taken_back
        if theirs and there and all(word in said.text.casefold() for word in wanted):
            return said
    return None


def whose(argument: str) -> tuple[str, str]:
    """Return the nick that an argument begins with as @NICK, "" for none, and the rest."""
    first, _, rest = argument.partition(" ")
    return (first[1:], rest.strip()) if first.startswith("@") else ("", argument)


def _react(console: Console, argument: str) -> None:
    _reacted(console, argument, undone=False)


def _unreact(console: Console, argument: str) -> None:
    _reacted(console, argument, undone=True)


def _reacted(console: Console, argument: str, undone: bool) -> None:
    reaction, _, rest = argument.partition(" ")
    nick, words = whose(rest.strip())
    if len(reaction.encode()) > _REACTION_BYTES:
        console.complain("that is too long for a reaction; /reply answers in words")
    elif (said := _meant(console, nick, words)) is not None:
        console.session.react(said.room, said.msgid, reaction, undone)


def _reply(console: Console, argument: str) -> None:
    nick, text = whose(argument)
    if not text:
        console.complain("usage: /reply [@NICK] TEXT")
    elif (said := _meant(console, nick, "")) is not None:
        taken = console.session.say(said.room, text, reply_to=said.msgid)
        if not taken:
            console.complain("too many messages wait to be sent; this one was not taken")


def _meant(console: Console, nick: str, words: str) -> ChatMessage | None:
    """Return the message that is meant, or None after having complained."""
    if not console.session.registered:
        console.complain("not connected; this was not sent")
        return None
    said = newest(console, nick, words)
    if not console.session.state.has("message-tags"):
        console.complain("on this server no message can be referred to")
        return None
    if said is None:
        who = f"{nick} has" if nick else "nobody else has"
        console.complain(f"{who} said anything like that here, as far as it was loaded")
    return said


def _edit(console: Console, argument: str) -> None:
    """Give the newest message of our own another text."""
    if not console.session.state.has("hubbub/message-edit"):
        console.complain("on this server no message can be edited; /redact takes one back")
        return
    said = newest(console, "", "", own=True)
    if said is None:
        console.complain("you have said nothing here, as far as it was loaded")
    else:
        console.send("EDITMSG", said.room, said.msgid, argument)


COMMANDS: Final = (
    SlashCommand("reply", "[@NICK] TEXT", "answer the last message of another, or of NICK",
        _reply, Completes.NICK, 1),
    SlashCommand("react", "EMOJI [@NICK] [WORDS]", "react to the last message, or that with WORDS",
        _react, needs=1, details="Others see it at the message; /unreact takes it back."),
    SlashCommand("unreact", "EMOJI [@NICK] [WORDS]", "take a reaction back", _unreact, needs=1),
    SlashCommand("edit", "TEXT", "give your last message here another text", _edit, needs=1,
        details="Who reads with a client that knows of it sees the new text in its place, others "
        "see that you edited it."),
)  # fmt: skip
"""What concerns one message."""
