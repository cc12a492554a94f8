"""The pages of docs/reference about the protocol, from the tables that the server itself uses."""

from collections.abc import Iterable

from hubbub.core.deciding.context import Command
from hubbub.core.dispatch import COMMANDS, SERVICES
from hubbub.core.policy.policy import Policy
from hubbub.core.policy.privileges import CLASSES, PRIVILEGES
from hubbub.core.showing.isupport import tokens
from hubbub.irc import modes
from hubbub.irc.capabilities import CAPABILITIES, IMPLIED_BY_302

_COMMANDS_HEAD = """\
# Commands

<!-- Written by `make docs` from src/hubbub/core/commands; change the descriptions there. -->

What a client can send. `HELP` shows the same on the server. Parameters in brackets can be left out;
`|` separates alternatives; what follows `:` may hold blanks.

"""

_SERVICES_HEAD = """
## Services

`/msg NickServ` and `/msg ChanServ` (or `NS` and `CS`) take the same commands in other words, and
answer with a NOTICE. `/msg NickServ HELP` lists them. What is said to a service is kept nowhere and
shown to nobody, not to its sender's other clients either.
"""

_CAPABILITIES_HEAD = """\
# Capabilities

<!-- Written by `make docs` from src/hubbub/irc/capabilities.py; change the descriptions there. -->

What a client can negotiate with CAP (IRCv3 capability-negotiation), and the tokens of RPL_ISUPPORT.

"""

_CLIENT_TAGS = """
## Client-only tags

Tags that begin with `+` are passed on as they are, and kept with the message, up to 4094 bytes of
them: among them `+draft/reply` and `+reply` (what is answered), `+draft/react` and `+draft/unreact`
(a reaction, in a TAGMSG), and `+draft/channel-context` (the channel that a direct message is
about). `+typing` alone is passed on and not kept.
"""

_PRIVILEGES_HEAD = """\
# Privileges of server operators

<!-- Written by `make docs` from src/hubbub/core/policy/privileges.py; change them there. -->

What each class of server operators may do. `[operators]` in the settings gives a name, a password
and a class; an account can have a class too, and is an operator wherever it is logged in. Whoever
lacks a privilege gets 481 (ERR_NOPRIVILEGES). Nobody acts on an operator who has privileges that
oneself lacks.

"""

_MODES_HEAD = """\
# Modes

<!-- Written by `make docs` from src/hubbub/irc/modes.py; change the descriptions there. -->

"""


_MASKS = """
A mask is `nick!user@host`, where `*` and `?` stand for anything; `a:account` is who is logged in to
that account, and `a:*` everybody who is logged in. `m:` before a mask, as in `m:nick!*@*` or
`m:a:account`, makes it concern speaking only: a mute in `b`, an exception from mutes in `e`.
"""


def commands() -> str:
    """Return the page of the commands."""
    rows = [
        (
            f"`{name}`",
            f"`{command.syntax}`" if command.syntax else "",
            command.summary,
            _who(command),
        )
        for name, command in sorted(COMMANDS.items())
    ]
    page = _COMMANDS_HEAD + table(("command", "parameters", "is there to", ""), rows)
    return page + _SERVICES_HEAD + "".join(map(_service, SERVICES.words))


def _service(name: str) -> str:
    rows = [
        (
            f"`{word.usage}`",
            word.purpose,
            _who(word.command) if word.command.privilege else "",
        )
        for word in SERVICES.words[name].values()
    ]
    return f"\n### {name}\n\n" + table(("words", "is there to", ""), rows)


def _who(command: Command) -> str:
    if command.privilege:
        return f"operators: [{command.privilege}](privileges.md)"
    if not command.late:
        return "before registration"
    return "also before registration" if command.early else ""


def privileges() -> str:
    """Return the page of the privileges and of the classes that hold them."""
    rows = [
        (
            f"`{privilege}`",
            meaning,
            *("yes" if privilege in held else "" for held in CLASSES.values()),
        )
        for privilege, meaning in PRIVILEGES.items()
    ]
    return _PRIVILEGES_HEAD + table(("privilege", "lets one", *CLASSES), rows)


def capabilities() -> str:
    """Return the page of the capabilities and of what else is announced."""
    rows = [
        (
            f"`{capability.name}`",
            f"`{capability.value}`" if capability.value else "",
            capability.summary
            + ("; on by itself with CAP LS 302" if capability.bit & IMPLIED_BY_302 else ""),
        )
        for capability in CAPABILITIES.values()
    ]
    announced = "\n".join(f"    {token}" for token in tokens(Policy()))
    return (
        _CAPABILITIES_HEAD
        + table(("capability", "value", "what it gives"), rows)
        + _CLIENT_TAGS
        + f"\n## RPL_ISUPPORT\n\nWith the default settings:\n\n{announced}\n"
    )


def mode_letters() -> str:
    """Return the page of the modes."""
    lists = [(f"`{letter} mask`", modes.CHANNEL_MEANINGS[letter]) for letter in modes.LISTS]
    values = [
        (f"`{letter} {name}`", modes.CHANNEL_MEANINGS[letter])
        for letter, name in modes.ARGUMENTS.items()
    ]
    flags = [(f"`{letter}`", modes.CHANNEL_MEANINGS[letter]) for letter in modes.FLAGS]
    members = [
        (f"`{letter} nick`", f"`{prefix}`", modes.CHANNEL_MEANINGS[letter])
        for letter, prefix in modes.PREFIXES.items()
    ]
    users = [(f"`{letter}`", modes.USER_MEANINGS[letter]) for letter in modes.USER_MODES]
    return (
        _MODES_HEAD
        + "## Channels\n\nA new channel has `+nt`. With `+i`, `+k` or `+s` a member can read back"
        + " no further than to its own join.\n\n"
        + table(("mode", "while it is set"), [*flags, *values, *lists])
        + _MASKS
        + "\n## Members of a channel\n\n"
        + table(("mode", "prefix", "the member"), members)
        + "\n## Users\n\n"
        + table(("mode", "the user"), users)
    )


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(map(_escaped, cells))} |\n" for cells in lines)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")
