"""Commands about the channel that one is in: its topic, its members, its modes."""

from __future__ import annotations

from typing import Final

from hubbub.client.console import Command, Completes, Console


def _topic(console: Console, argument: str) -> None:
    channel = console.channel
    if not channel:
        return
    room = console.session.state.rooms.get(channel)
    if argument:
        console.send("TOPIC", channel, argument)
    else:
        console.tell(f"topic: {room.topic}" if room and room.topic else "there is no topic")


def _names(console: Console, argument: str) -> None:
    channel = argument or console.channel
    if not channel:
        return
    if console.session.registered:
        console.session.list_members(channel)
    else:
        console.complain("not connected")


def _kick(console: Console, argument: str) -> None:
    nick, _, reason = argument.partition(" ")
    if channel := console.channel:
        console.send("KICK", channel, nick, *((reason,) if reason else ()))


def _ban(console: Console, argument: str) -> None:
    mask = argument.split()[0]
    if not (channel := console.channel):
        return
    if "!" not in mask and "@" not in mask:
        room = console.session.state.rooms.get(channel)
        member = room.members.get(console.session.state.features.fold(mask)) if room else None
        # Another nick is soon taken; another host is not.
        mask = f"*!*@{member.host}" if member and member.host else f"{mask}!*@*"
    console.send("MODE", channel, "+b", mask)


def _mode(console: Console, argument: str) -> None:
    words = argument.split()
    state = console.session.state
    if words and (state.features.is_channel(words[0]) or state.is_me(words[0])):
        console.send("MODE", *words)
    elif channel := console.channel:
        console.send("MODE", channel, *words)


def _invite(console: Console, argument: str) -> None:
    nick, _, channel = argument.partition(" ")
    if channel := channel.strip() or console.channel:
        console.send("INVITE", nick, channel)


COMMANDS: Final = (
    Command("topic", "[TEXT]", "show or set the channel's topic", _topic),
    Command("names", "[CHANNEL]", "list who is there", _names, Completes.CHANNEL),
    Command("kick", "NICK [REASON]", "put somebody out of the channel", _kick, Completes.NICK, 1),
    Command("ban", "NICK|MASK", "keep somebody out of the channel", _ban, Completes.NICK, 1),
    Command("mode", "[CHANNEL] [MODES]", "show or set modes", _mode, Completes.CHANNEL),
    Command("invite", "NICK [CHANNEL]", "invite somebody to the channel", _invite,
            Completes.NICK, 1),
)  # fmt: skip
