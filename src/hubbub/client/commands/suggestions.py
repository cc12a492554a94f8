"""What is answered to a command that there is not: which one was meant, or how it is done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

ELSEWHERE: Final = {
    **dict.fromkeys(("op", "deop", "voice", "devoice", "halfop"), "/mode +o NICK, -o, +v, -v"),
    **dict.fromkeys(("mute", "quiet"), "/mode +b m:NICK!*@* for everybody, /ignore NICK for you"),
    **dict.fromkeys(("unmute", "unquiet"), "/unban m:NICK!*@*, or /ignore -NICK"),
    **dict.fromkeys(("kickban", "kb", "bankick"), "/ban NICK, then /kick NICK"),
    **dict.fromkeys(
        ("server", "connect", "reconnect", "disconnect"),
        "leave with /quit and start `hubbub chat ADDRESS`; a lost connection comes back by itself",
    ),
    **dict.fromkeys(
        ("window", "win", "buffer", "go", "switch", "goto"),
        "/join #channel or /msg NICK goes to a room, Alt-A to the next one with news",
    ),
    **dict.fromkeys(("ns", "nickserv", "identify"), "/login, or /msg NickServ help"),
    **dict.fromkeys(("cs", "chanserv"), "/msg ChanServ help"),
    **dict.fromkeys(("users", "who"), "/names lists who is in a channel, /whois NICK tells more"),
    **dict.fromkeys(("motd", "lusers", "info", "version", "time", "admin", "stats"), "/raw NAME"),
    **dict.fromkeys(("ctcp", "ping", "dcc"), "other people's programs are not asked; /whois NICK"),
    **dict.fromkeys(("thread", "answer"), "/reply TEXT answers the last message"),
    **dict.fromkeys(("s", "correct"), "/edit TEXT gives your last message another text"),
    **dict.fromkeys(
        ("script", "load", "alias", "bind", "python", "plugin"), "there are no scripts here"
    ),
    **dict.fromkeys(("theme", "color", "colour", "colors"), "/set colours off, or on"),
    **dict.fromkeys(("lastlog", "grep", "find"), "/search WORDS"),
    **dict.fromkeys(("dm", "tell", "whisper"), "/msg NICK TEXT"),
    **dict.fromkeys(("back", "unaway"), "/away without a text"),
    **dict.fromkeys(("unignore", "block", "unblock"), "/ignore NICK, and /ignore -NICK"),
    **dict.fromkeys(("cycle", "hop", "rejoin"), "/part, then /join #channel"),
    **dict.fromkeys(("save", "config", "settings", "preferences"), "/set; what it changes is kept"),
    **dict.fromkeys(("passwd", "changepassword"), "/password"),
    **dict.fromkeys(("shrug", "say", "echo"), "what you type is said as it is"),
}  # fmt: skip
"""What people know from other programs, and how it is done here."""
_LEAST: Final = 3


def hint(name: str, names: Iterable[str]) -> str:
    """Return what somebody may have wanted who typed this name, or ""."""
    if name in ELSEWHERE:
        return f"here: {ELSEWHERE[name].replace('NAME', name.upper())}"
    near = [each for each in names if len(each) >= _LEAST and is_near(name, each)]
    return f"did you mean /{near[0]}?" if near else ""


def is_near(typed: str, meant: str) -> bool:
    """Say whether one letter, too many, too few or another, or two exchanged are the difference."""
    start = next(
        (at for at, (one, other) in enumerate(zip(typed, meant, strict=False)) if one != other),
        min(len(typed), len(meant)),
    )
    one, other = typed[start:], meant[start:]
    return (
        one[1:] == other[1:]
        or one[1:] == other
        or one == other[1:]
        or (one[:2] == other[1::-1] and one[2:] == other[2:])
    )
