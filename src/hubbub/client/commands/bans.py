"""Commands that keep people out of a channel: a ban says whom it hits before it does."""

from __future__ import annotations

from typing import Final

from hubbub.client.commands.context import Completes, Console, SlashCommand
from hubbub.client.handlers import bans
from hubbub.client.state.lookups import Ban, UserIdentity
from hubbub.irc.numbers import number_of

HOST: Final = "--host"
"""By which the address is meant, and everybody behind it."""
_USAGE: Final = "usage: /ban [#CHANNEL] [--host] NICK|MASK"


def _ban(console: Console, argument: str) -> None:
    channel, rest = console.take_channel(argument)
    words = [word for word in rest.split() if word != HOST]
    by_host = HOST in rest.split()
    if not channel:
        return
    if len(words) != 1 or words[0].startswith("--") or (by_host and _is_mask(words[0])):
        console.complain(_USAGE)
    elif not console.session.registered:
        console.complain("not connected")
    elif _is_mask(words[0]):
        _place(console, channel, words[0])
    else:
        state = console.session.state
        bans.look_up(state, words[0], lambda who: _found(console, channel, words[0], who, by_host))


def _is_mask(word: str) -> bool:
    return any(char in word for char in "!@*?:")


def _found(
    console: Console, channel: str, nick: str, who: UserIdentity | None, by_host: bool
) -> None:
    """Ban by the account, where there is one, else by the nick; by the address only if asked to."""
    state = console.session.state
    if by_host:
        if who is None or not who.host:
            state.tell(f"{nick} is not here, so the address is not known; nothing was done",
                       error=True)  # fmt: skip
        else:
            _place(console, channel, f"*!*@{who.host}")
    elif who is not None and who.account and bans.account_mask(state, who.account):
        _place(console, channel, bans.account_mask(state, who.account))
    else:
        mask = f"{nick}!*@*"
        _place(
            console, channel, mask,
            f"{nick} has no account: the ban {mask} holds until another nick is taken; "
            f"/ban {HOST} {nick} bans the address and everybody behind it",
        )  # fmt: skip


def _place(console: Console, channel: str, mask: str, remark: str = "") -> None:
    """Ban a mask, unless it hits ourselves; where it hits several, ask first."""
    state = console.session.state
    hit = bans.hit_by(state, mask, state.rooms.get(channel))

    def place() -> None:
        console.send("MODE", channel, "+b", mask)
        if remark:
            state.tell(remark)

    def answered(answer: str) -> None:
        if answer.strip().lower() in ("y", "yes"):
            place()

    if any(state.is_me(nick) for nick in hit):
        others = ", ".join(nick for nick in hit if not state.is_me(nick))
        also = f" (and {others})" if others else ""
        state.tell(f"{mask} would keep out yourself{also}: nothing was done", error=True)
    elif len(hit) > 1:
        console.ask(f"{mask} keeps out {', '.join(hit)}. Ban them all? [y/n] ", answered, True)
    else:
        place()


def _unban(console: Console, argument: str) -> None:
    channel, word = console.take_channel(argument)
    if not channel:
        return
    if len(word.split()) != 1:
        console.complain("usage: /unban [#CHANNEL] NICK|MASK|NUMBER")
    elif not console.session.registered:
        console.complain("not connected")
    elif (number := number_of(word)) is not None:
        _unban_number(console, channel, number)
    else:
        state = console.session.state

        def listed(found: list[Ban]) -> None:
            if _is_mask(word):
                _lift(console, channel, word, _same(console, found, word))
            else:
                bans.look_up(state, word, lambda who: _lift_of(console, channel, word, found, who))

        bans.ask_list(state, channel, listed)


def _unban_number(console: Console, channel: str, number: int) -> None:
    numbered = console.session.state.numbered.get(console.session.state.features.fold(channel))
    if numbered and 0 < number <= len(numbered):
        console.send("MODE", channel, "-b", numbered[number - 1])
    else:
        console.complain("there is no such number; /bans lists the bans with theirs")


def _same(console: Console, found: list[Ban], mask: str) -> list[Ban]:
    same = console.session.state.same
    return [ban for ban in found if same(ban.mask, mask)]


def _lift_of(
    console: Console, channel: str, nick: str, found: list[Ban], who: UserIdentity | None
) -> None:
    state = console.session.state
    _lift(console, channel, nick, bans.matching(state, found, who or UserIdentity(nick)))


def _lift(console: Console, channel: str, word: str, found: list[Ban]) -> None:
    """Lift the one ban that is meant; which of several it is must be said."""
    state = console.session.state
    if not found:
        state.tell(f"no ban in {channel} is for {word}; /bans lists them", error=True)
    elif len(found) == 1:
        console.send("MODE", channel, "-b", found[0].mask)
    else:
        state.tell(f"several bans keep out {word}: lift them by number")
        bans.show(state, channel, found)


def _bans(console: Console, argument: str) -> None:
    channel = console.channel_named(argument) if argument else console.channel
    if channel and not console.session.registered:
        console.complain("not connected")
    elif channel:
        state = console.session.state
        bans.ask_list(state, channel, lambda found: bans.show(state, channel, found))


COMMANDS: Final = (
    SlashCommand("ban", "[#CHANNEL] [--host] NICK|MASK", "keep somebody out of the channel", _ban,
        Completes.NICK, 1, most=3,
        details="By the account, where somebody has one; otherwise by the nick, which holds "
        "until another is taken. --host bans the address, and so everybody behind it: who is "
        "hit is shown first. Who is in the channel stays there until /kick."),
    SlashCommand("unban", "[#CHANNEL] NICK|MASK|NUMBER", "let somebody in again", _unban,
        Completes.NICK, 1, most=2, details="NUMBER is the one that /bans shows."),
    SlashCommand("bans", "[CHANNEL]", "list whom the channel keeps out", _bans, Completes.CHANNEL,
        most=1),
)  # fmt: skip
"""What keeps people out of a channel."""
