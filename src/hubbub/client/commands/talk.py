"""Commands about where one talks and what one says: rooms, conversations, messages."""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

from hubbub.client.commands.answering import newest, whose
from hubbub.client.commands.context import Completes, Console, SlashCommand
from hubbub.client.events import Speech
from hubbub.client.graphemes import shorten
from hubbub.client.timeline.transcript import plain_topic
from hubbub.irc.names import is_channel, is_nick
from hubbub.irc.numbers import number_of

EARLIER: Final = 50
"""How many messages /history fetches where no number is given."""
MOST_EARLIER: Final = 2000
"""The most that it fetches at once."""
_SHOWN: Final = 50


def _join(console: Console, argument: str) -> None:
    names, _, keys = argument.partition(" ")
    channels = [console.channel_named(name) for name in names.split(",") if name]
    if not channels or any(map(_is_wrong, channels)):
        console.complain("a channel's name is # and then letters, without blanks and commas")
        return
    for number, (channel, key) in enumerate(
        zip_longest(channels, keys.strip().split(",")[: len(channels)], fillvalue="")
    ):
        room = console.session.state.rooms.get(channel)
        joined = room is not None and room.joined
        if number == 0:
            _look_at(console, channel, joined)
        if not joined:
            console.session.join(channel, key)


def _is_wrong(name: str) -> bool:
    # What other servers begin a name with is theirs to judge.
    return name[:1] == "#" and not is_channel(name)


def _look_at(console: Console, channel: str, joined: bool) -> None:
    """Show a channel, or as soon as one is in it."""
    if joined:
        console.lines += console.view.switch(channel)
    else:
        console.view.expect(channel)


def _part(console: Console, argument: str) -> None:
    name, _, reason = argument.partition(" ")
    if name:
        name = _meant(console, name, argument)
    elif not (name := console.view.current):
        console.complain("you are in no channel")
    if not name:
        return
    room = console.session.state.rooms.get(name)
    told_by_server = room is not None and room.joined and console.session.registered
    console.session.leave(name, reason.strip())
    if not told_by_server:
        console.lines += console.view.close(name)


def _meant(console: Console, word: str, argument: str) -> str:
    """Return the room that the first word of /part means, or "" after having complained."""
    rooms = console.session.state.rooms
    channel = console.channel_named(word)
    found = [room for room in {channel: rooms.get(channel), word: rooms.get(word)}.values() if room]
    if len(found) == 1:
        return found[0].name
    if found:
        console.complain(f"/part {channel} leaves the channel; to close the conversation with "
                         f"{word}, go there with /msg {word} and type /part")  # fmt: skip
    elif console.is_channel(word) or not console.view.current:
        console.complain(f"you are not in {channel}")
    else:
        here = console.view.current
        console.complain(
            f"you are not in {channel}; to leave {here} for this reason: /part {here} {argument}"
        )
    return ""


def _msg(console: Console, argument: str) -> None:
    target, _, text = argument.partition(" ")
    if not _is_one(console, target):
        return
    if text.strip():
        console.say(target, text)
    elif console.is_channel(target):
        room = console.session.state.rooms.get(target)
        if room is not None and room.joined:
            console.lines += console.view.switch(target)
        else:
            console.complain(f"you are not in {target}; /join {target} enters it")
    else:
        console.lines += console.view.switch(target)


def _is_one(console: Console, target: str) -> bool:
    """Say whether somebody can be meant, or complain: one is written to at a time."""
    _, bare = console.session.state.features.split_prefix(target)
    if console.is_channel(bare) or is_nick(target) or not set(target) & set(",:!@*"):
        return True
    console.complain(f"{target} is no nick and no channel; one is written to at a time")
    return False


def _notice(console: Console, argument: str) -> None:
    target, _, text = argument.partition(" ")
    if _is_one(console, target):
        console.say(target, text, Speech.NOTICE)


def _me(console: Console, argument: str) -> None:
    if console.view.current:
        console.say(console.view.current, argument, Speech.ACTION)
    else:
        console.complain("you are in no channel; go to one with /join #channel")


def _history(console: Console, argument: str) -> None:
    count = number_of(argument) if argument else EARLIER
    if count is None or not 0 < count <= MOST_EARLIER:
        console.complain(f"usage: /history [COUNT]; COUNT is from 1 to {MOST_EARLIER}")
    elif not console.view.current:
        console.complain("you are in no channel; go to one with /join #channel")
    elif not console.session.registered:
        console.complain("not connected")
    elif not console.session.look_back(console.view.current, count):
        console.complain("this server keeps no history")


def _redact(console: Console, argument: str) -> None:
    """Take back the newest message that is meant, once it is agreed on which that is."""
    nick, words = whose(argument)
    said = newest(console, nick, words, own=True)
    if not console.session.state.has("draft/message-redaction"):
        console.complain("on this server no message can be taken back")
        return
    if said is None:
        who = f"{nick} has" if nick else "you have"
        console.complain(f"{who} said nothing like that here, as far as it was loaded")
        return

    def answered(answer: str) -> None:
        if answer.strip().lower() in ("y", "yes"):
            console.send("REDACT", said.room, said.msgid)

    text = shorten(plain_topic(said.text.replace("\n", " ")), _SHOWN)
    when = console.view.transcript.clock(said.time)
    console.ask(f"Take back for everybody: {when} <{said.nick}> {text} [y/n] ", answered, True)


COMMANDS: Final = (
    SlashCommand("join", "CHANNEL[,CHANNEL] [KEY[,KEY]]", "enter a channel, or go back to it",
        _join, Completes.CHANNEL, 1, ("j",), 2),
    SlashCommand("part", "[CHANNEL [REASON]]", "leave a channel, or close a conversation", _part,
        Completes.CHANNEL, aliases=("close", "leave"),
        details="Without a name it is the one on the screen."),
    SlashCommand("msg", "NICK [TEXT]", "write to somebody; without text, go there", _msg,
        Completes.NICK, 1, ("query",),
        details="What you wrote to each other before is shown, where the server keeps it."),
    SlashCommand("me", "TEXT", "say what you do", _me, needs=1),
    SlashCommand("notice", "NICK|#CHANNEL TEXT", "send a notice", _notice, Completes.NICK, 2),
    SlashCommand("history", "[COUNT]", "fetch what was said earlier here", _history, most=1,
        details=f"It comes below, between two lines, {EARLIER} messages where no number is "
        "given; again, it goes on from there."),
    SlashCommand("redact", "[@NICK] [WORDS]", "take back a message: the last, or with WORDS",
        _redact, aliases=("unsay", "delete"),
        details="It is your own unless @NICK is there, which an operator of the channel can "
        "type. You are asked before. The text is erased on the server; who read it has read "
        "it."),
)  # fmt: skip
"""What concerns rooms and messages."""
