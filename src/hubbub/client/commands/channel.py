"""Commands about a channel, the one that one is in unless another is named: its topic, its modes.

Where a text may follow, another channel is named with its `#`; a name without one is a channel
only where nothing else can be meant.
"""

from __future__ import annotations

from typing import Final

from hubbub.client.commands.context import Completes, Console, SlashCommand


def _topic(console: Console, argument: str) -> None:
    channel, text = console.take_channel(argument)
    if not channel:
        return
    room = console.session.state.rooms.get(channel)
    if text:
        console.send("TOPIC", channel, text)
    elif room is None or not room.joined:
        console.send("TOPIC", channel)
    else:
        console.tell(f"topic: {room.topic}" if room.topic else "there is no topic")


def _names(console: Console, argument: str) -> None:
    channel = console.channel_named(argument) if argument else console.channel
    if not channel:
        return
    if "," in channel:
        console.complain("usage: /names [CHANNEL], one at a time")
    elif console.session.registered:
        console.session.list_members(channel)
    else:
        console.complain("not connected")


def _kick(console: Console, argument: str) -> None:
    channel, rest = console.take_channel(argument)
    nick, _, reason = rest.partition(" ")
    if channel and not nick:
        console.complain("usage: /kick [#CHANNEL] NICK [REASON]")
    elif channel:
        console.send("KICK", channel, nick, *((reason.strip(),) if reason.strip() else ()))


def _mode(console: Console, argument: str) -> None:
    first, *rest = argument.split() or [""]
    state = console.session.state
    channel = state.rooms.get(console.channel_named(first)) if first else None
    mine = bool(first) and state.is_me(first)
    if console.is_channel(first):
        console.send("MODE", first, *rest)
    elif not first or first[0] in "+-":
        if here := console.channel:
            console.send("MODE", here, *argument.split())
    elif channel is not None and not mine:
        console.send("MODE", channel.name, *rest)
    elif mine and channel is None:
        console.send("MODE", first, *rest)
    else:
        named = console.channel_named(argument)
        console.complain(f"modes of what? of the channel: /mode {named}; here: /mode +{argument}")


def _invite(console: Console, argument: str) -> None:
    nick, _, channel = argument.partition(" ")
    if console.is_channel(nick):
        console.complain("usage: /invite NICK [CHANNEL]")
        return
    named = console.channel_named(channel.strip()) if channel else console.channel
    if named:
        console.send("INVITE", nick, named)


COMMANDS: Final = (
    SlashCommand("topic", "[#CHANNEL] [TEXT]", "show or set the channel's topic", _topic,
        Completes.CHANNEL),
    SlashCommand("names", "[CHANNEL]", "list who is there", _names, Completes.CHANNEL, most=1),
    SlashCommand("invite", "NICK [CHANNEL]", "invite somebody to the channel", _invite,
        Completes.NICK, 1, most=2),
    SlashCommand("kick", "[#CHANNEL] NICK [REASON]", "put somebody out of the channel", _kick,
        Completes.NICK, 1),
    SlashCommand("mode", "[CHANNEL] [+MODES|-MODES]", "show or set modes", _mode, Completes.CHANNEL,
        details="/mode +o NICK makes an operator, /mode -o NICK ends that; +v lets speak "
        "where +m is on. Your own modes: /mode YOURNICK +i"),
)  # fmt: skip
"""What concerns a channel."""
