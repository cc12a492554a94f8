"""What a person types: text for the room, or one of these commands.

`TABLE` is the one list of them: /help, completion and the reference are made from it.
"""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import Final

from hubbub.client import preferences as setting
from hubbub.client.commands import (
    account,
    answering,
    bans,
    catching_up,
    channel,
    searching,
    suggestions,
    talk,
)
from hubbub.client.commands.context import Completes, Console, SlashCommand
from hubbub.client.errors import PreferenceError
from hubbub.client.preferences import Preferences
from hubbub.irc.message import MalformedLine, parse_text
from hubbub.irc.names import is_nick
from hubbub.irc.text import visible

_COLUMNS: Final = 78


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
    elif not command.takes(len(argument.split())):
        console.complain(f"usage: {command.form}")
    else:
        command.run(console, argument)


def _unknown(name: str) -> str:
    hint = suggestions.hint(name.lower(), BY_NAME)
    middle = f"{hint}{' ' if hint.endswith('?') else '; '}" if hint else ""
    return (
        f"there is no /{visible(name)}; {middle}/help lists the commands, // begins a text with /"
    )


def _help(console: Console, argument: str) -> None:
    command = BY_NAME.get(argument.removeprefix("/").lower())
    if argument and command is None:
        console.complain(_unknown(argument.removeprefix("/")))
    elif command is not None:
        console.tell("\n  ".join(described(command)))
    else:
        console.tell("\n".join(_overview()))


def described(command: SlashCommand) -> list[str]:
    """Return what there is to say of a command: how it is typed, what it does, its other names."""
    others = ", ".join(f"/{alias}" for alias in command.aliases)
    return [
        command.form,
        command.summary,
        *textwrap.wrap(command.details, _COLUMNS - 2),
        *((f"also: {others}",) if others else ()),
    ]


def _overview() -> list[str]:
    """Return the commands by subject, so that they fit on a screen."""
    widest = max(len(subject) for subject, _ in GROUPS)
    lines = []
    for subject, commands in GROUPS:
        names = " ".join(f"/{command.name}" for command in commands)
        first, *rest = textwrap.wrap(names, _COLUMNS - widest - 2)
        lines.append(f"{subject:<{widest}}  {first}")
        lines += [f"{'':<{widest}}  {line}" for line in rest]
    return [
        *lines,
        "/help COMMAND tells more, as /help ban does. What begins with no / is said.",
        "Alt-A goes to the next room with news, Tab completes, Alt-Enter breaks a line.",
    ]


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
    console.send("WHOIS", argument)


def _away(console: Console, argument: str) -> None:
    console.send("AWAY", *((argument,) if argument else ()))


def _list(console: Console, argument: str) -> None:
    # What is no pattern, and no condition such as >10, is a channel's name.
    named = argument if set(argument) & set("*?<>,") else console.channel_named(argument)
    console.send("LIST", *((named,) if argument else ()))


def _ignore(console: Console, argument: str) -> None:
    ignored = console.preferences.ignored
    if not argument:
        console.tell(f"ignored: {', '.join(ignored)}" if ignored else "nobody is ignored")
        return
    mask = argument.removeprefix("-")
    if not mask or mask.startswith("-"):
        console.complain("usage: /ignore [[-]NICK|MASK]")
        return
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


def _raw(console: Console, argument: str) -> None:
    try:
        message = parse_text(argument.replace("\n", " "))
    except MalformedLine as error:
        console.complain(str(error))
        return
    console.send(message.command, *message.params)


def _set(console: Console, argument: str) -> None:
    name, _, value = argument.partition(" ")
    asks = not value and not name.endswith("=")
    shown = [each for each in setting.TABLE if asks and name in ("", each.name)]
    for each in shown:
        now = setting.show(console.preferences, each.name) or '""'
        values = f" ({', '.join(each.values)})" if each.values else ""
        console.tell(f"{each.name} = {now}{values}: {each.summary}")
    if not shown:
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


def _clear(console: Console, argument: str) -> None:
    console.clearing = True


def _oper(console: Console, argument: str) -> None:
    def given(password: str) -> None:
        if password:
            console.send("OPER", argument, password)

    if console.session.registered:
        console.ask(f"Password of {argument}: ", given)
    else:
        console.complain("not connected")


def _quit(console: Console, argument: str) -> None:
    console.quitting = argument


_HERE: Final = (
    SlashCommand("help", "[COMMAND]", "list the commands, or tell of one", _help, Completes.COMMAND,
        most=1),
    SlashCommand("nick", "NICK", "take another nick", _nick, needs=1, most=1),
    SlashCommand("away", "[TEXT]", "be away, for this reason; without one, be back", _away),
    SlashCommand("set", "[NAME [VALUE]]", "show or change a setting; it is kept", _set,
        Completes.SETTING),
    SlashCommand("clear", "", "empty the screen", _clear, most=0),
    SlashCommand("quit", "[REASON]", "leave", _quit, aliases=("exit", "bye")),
)  # fmt: skip
_OTHERS: Final = (
    SlashCommand("whois", "NICK", "tell about somebody", _whois, Completes.NICK, 1, ("w",), 1),
    SlashCommand("list", "[CHANNEL|PATTERN]", "list the server's channels", _list,
        Completes.CHANNEL, most=1),
    SlashCommand("ignore", "[[-]NICK|MASK]", "hear somebody no more; with -, hear again", _ignore,
        Completes.NICK, most=1),
)  # fmt: skip
_EXPERTS: Final = (
    SlashCommand("oper", "NAME", "become operator; the password is asked for", _oper, needs=1,
        most=1),
    SlashCommand("raw", "LINE", "send a line of the protocol as it is", _raw, needs=1,
        aliases=("quote",)),
)  # fmt: skip
GROUPS: Final = (
    ("talking", (*talk.COMMANDS, *answering.COMMANDS, *searching.COMMANDS)),
    ("what is new", catching_up.COMMANDS),
    ("who is there", _OTHERS),
    ("a channel", (*channel.COMMANDS, *bans.COMMANDS)),
    ("your account", account.COMMANDS),
    ("this program", _HERE),
    ("experts", _EXPERTS),
)
"""Every command by its subject, in the order of /help."""
TABLE: Final = tuple(command for _, commands in GROUPS for command in commands)
BY_NAME: Final = {name: each for each in TABLE for name in (each.name, *each.aliases)}
