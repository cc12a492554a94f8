"""What a person types: text for the room, or one of these commands.

`TABLE` is the one list of them: /help, completion and the reference are made from it.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest
from typing import Final

from hubbub.client import account_commands, channel_commands
from hubbub.client import preferences as setting
from hubbub.client.console import Command, Completes, Console
from hubbub.client.events import Speech
from hubbub.client.preferences import PreferenceError, Preferences
from hubbub.client.transcript import Fragment, Role, visible_lines
from hubbub.irc.message import MalformedLine, parse_text
from hubbub.irc.names import is_nick
from hubbub.irc.text import visible

FOUND: Final = 50
"""The most messages that /search shows, the newest."""


def run(console: Console, typed: str) -> None:
    """Do what a person typed: say it, or carry out the command. `//` begins a text with `/`."""
    if not typed.startswith("/") or typed.startswith("//"):
        text = typed[1:] if typed.startswith("//") else typed
        if not console.view.current:
            console.complain("you are in no channel; go to one with /join #channel")
        elif text.strip():
            console.say(console.view.current, text)
        return
    name, _, argument = typed[1:].partition(" ")
    command = BY_NAME.get(name.lower())
    argument = argument.strip()
    if command is None:
        console.complain(_unknown(name))
    elif len(argument.split()) < command.needs:
        console.complain(f"usage: {command.form}")
    else:
        command.run(console, argument)


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name.lower(), BY_NAME, 1)
    hint = f"did you mean /{close[0]}? " if close else ""
    return f"there is no /{visible(name)}; {hint}/help lists the commands, // begins a text with /"


def _help(console: Console, argument: str) -> None:
    command = BY_NAME.get(argument.removeprefix("/").lower())
    if argument and command is None:
        console.complain(_unknown(argument.removeprefix("/")))
    elif command is not None:
        console.tell(f"{command.form}\n  {command.summary}")
    else:
        widest = max(len(each.form) for each in TABLE)
        console.tell("\n".join(f"{each.form:<{widest}}  {each.summary}" for each in TABLE))
        console.tell(
            "Alt-A goes to the next room with news, Tab completes, Alt-Enter breaks a line"
        )


def _join(console: Console, argument: str) -> None:
    names, _, keys = argument.partition(" ")
    state = console.session.state
    channels = [
        name if state.features.is_channel(name) else f"#{name}" for name in names.split(",") if name
    ]
    for number, (channel, key) in enumerate(
        zip_longest(channels, keys.strip().split(",")[: len(channels)], fillvalue="")
    ):
        room = state.rooms.get(channel)
        joined = room is not None and room.joined
        if number == 0 and joined:
            console.lines += console.view.switch(channel)
        elif number == 0:
            console.view.expect(channel)
        if not joined:
            console.session.join(channel, key)


def _part(console: Console, argument: str) -> None:
    name, _, reason = argument.partition(" ")
    if not console.session.state.features.is_channel(name):
        name, reason = console.view.current, argument
    if not name:
        console.complain("you are in no channel")
        return
    room = console.session.state.rooms.get(name)
    if room is None:
        console.complain(f"you are not in {name}")
        return
    told_by_server = room.joined and console.session.registered
    console.session.leave(name, reason)
    if not told_by_server:
        console.lines += console.view.close(name)


def _msg(console: Console, argument: str) -> None:
    target, _, text = argument.partition(" ")
    if text.strip():
        console.say(target, text)
    elif console.session.state.features.is_channel(target):
        console.complain("usage: /msg NICK TEXT")
    else:
        console.session.state.open_room(target)
        console.lines += console.view.switch(target)


def _me(console: Console, argument: str) -> None:
    if console.view.current:
        console.say(console.view.current, argument, Speech.ACTION)
    else:
        console.complain("you are in no channel; go to one with /join #channel")


def _nick(console: Console, argument: str) -> None:
    if not is_nick(argument):
        console.complain(
            "a nick has letters, digits and []\\`_^{|}-, and begins with no digit or -"
        )
    elif console.session.registered or console.session.state.login.barred:
        console.session.take_nick(argument)
    else:
        console.complain("not connected; this was not sent")


def _whois(console: Console, argument: str) -> None:
    console.send("WHOIS", argument.split()[0])


def _away(console: Console, argument: str) -> None:
    console.send("AWAY", *((argument,) if argument else ()))


def _list(console: Console, argument: str) -> None:
    console.send("LIST", *argument.split()[:1])


def _ignore(console: Console, argument: str) -> None:
    ignored = console.preferences.ignored
    if not argument:
        console.tell(f"ignored: {', '.join(ignored)}" if ignored else "nobody is ignored")
        return
    mask = argument.split()[0].removeprefix("-")
    others = tuple(each for each in ignored if each.lower() != mask.lower())
    if argument.startswith("-"):
        if len(others) == len(ignored):
            console.complain(f"{mask} is not ignored")
            return
        console.tell(f"{mask} is heard again")
        _prefer(console, replace(console.preferences, ignored=others))
    else:
        console.tell(f"{mask} is ignored; /ignore -{mask} ends that")
        _prefer(console, replace(console.preferences, ignored=(*others, mask)))


def _search(console: Console, argument: str) -> None:
    found = list(console.view.search(argument))
    for said in found[-FOUND:]:
        moment = datetime.fromtimestamp(said.time, console.view.transcript.zone)
        line = visible_lines(f"{moment:%Y-%m-%d} {said.room}")[0]
        for drawn in console.view.transcript.draw(said):
            console.lines.append((Fragment(f"{line} ", Role.NOTICE), *drawn))
    shown = min(FOUND, len(found))
    console.tell(f"{len(found)} found, the last {shown} shown" if found else "nothing found")


def _raw(console: Console, argument: str) -> None:
    try:
        message = parse_text(argument.replace("\n", " "))
    except MalformedLine as error:
        console.complain(str(error))
        return
    console.send(message.command, *message.params)


def _set(console: Console, argument: str) -> None:
    name, _, value = argument.partition(" ")
    if not value and not name.endswith("="):
        for each in setting.TABLE:
            if not name or each.name == name:
                shown = setting.show(console.preferences, each.name) or '""'
                values = f" ({', '.join(each.values)})" if each.values else ""
                console.tell(f"{each.name} = {shown}{values}: {each.summary}")
        if name and all(each.name != name for each in setting.TABLE):
            _change(console, name, "")
        return
    _change(console, name.removesuffix("="), value.strip().removeprefix("= "))


def _change(console: Console, name: str, value: str) -> None:
    try:
        _prefer(console, setting.change(console.preferences, name, value))
    except PreferenceError as error:
        console.complain(str(error))
    else:
        console.tell(f"{name} = {setting.show(console.preferences, name) or chr(34) * 2}")


def _prefer(console: Console, changed: Preferences) -> None:
    """Take up changed preferences everywhere."""
    console.preferences = console.view.preferences = changed
    console.view.transcript = replace(console.view.transcript, times=changed.times == "on")
    wishes = console.session.state.wishes
    wishes.history = changed.history
    wishes.highlights = changed.highlights
    wishes.ignored = changed.ignored


def _notice(console: Console, argument: str) -> None:
    target, _, text = argument.partition(" ")
    console.say(target, text, Speech.NOTICE)


def _clear(console: Console, argument: str) -> None:
    console.clearing = True


def _oper(console: Console, argument: str) -> None:
    def given(password: str) -> None:
        if password:
            console.send("OPER", argument, password)

    if len(argument.split()) > 1:
        console.complain("usage: /oper NAME; the password is asked for, and not shown")
    elif console.session.registered:
        console.ask(f"Password of {argument}: ", given)
    else:
        console.complain("not connected")


def _quit(console: Console, argument: str) -> None:
    console.quitting = argument


TABLE: Final = (
    Command("help", "[COMMAND]", "list the commands, or tell of one", _help, Completes.COMMAND),
    Command("join", "CHANNEL [KEY]", "enter a channel, or go back to it", _join,
            Completes.CHANNEL, 1),
    Command("part", "[CHANNEL] [REASON]", "leave a channel, or close a conversation", _part,
            Completes.CHANNEL, aliases=("close",)),
    Command("msg", "NICK [TEXT]", "write to somebody; without text, go there",
            _msg, Completes.NICK, 1, ("query",)),
    Command("notice", "TARGET TEXT", "send a notice", _notice, Completes.NICK, 2),
    Command("me", "TEXT", "say what you do", _me, needs=1),
    Command("nick", "NICK", "take another nick", _nick, needs=1),
    Command("whois", "NICK", "tell about somebody", _whois, Completes.NICK, 1,
            ("w",)),
    Command("away", "[TEXT]", "be away, for this reason; without one, be back", _away),
    Command("list", "[PATTERN]", "list the server's channels", _list, Completes.CHANNEL),
    *channel_commands.COMMANDS,
    *account_commands.COMMANDS,
    Command("ignore", "[[-]NICK|MASK]", "hear somebody no more; with -, hear again", _ignore,
            Completes.NICK),
    Command("search", "WORDS", "find messages among those that are loaded", _search, needs=1),
    Command("raw", "LINE", "send a line of the protocol as it is", _raw, needs=1,
            aliases=("quote",)),
    Command("oper", "NAME", "become operator; the password is asked for", _oper, needs=1),
    Command("clear", "", "empty the screen", _clear),
    Command("set", "[NAME [VALUE]]", "show or change a setting; it is kept", _set,
            Completes.SETTING),
    Command("quit", "[REASON]", "leave", _quit),
)  # fmt: skip
"""Every command, in the order of /help."""
BY_NAME: Final = {name: each for each in TABLE for name in (each.name, *each.aliases)}
