"""What is thrown at a server: commands made of what it knows, and lines with something wrong."""

from __future__ import annotations

from random import Random

from hubbub.core.dispatch import COMMANDS
from hubbub.irc.capabilities import CAPABILITIES

NICKS = ("ann", "bob", "cat", "Ann", "dan[1]", "x" * 33, "1a", "")
CHANNELS = ("#kept", "#a", "#B", "#b", "#ä", "#" + "c" * 70, "#", "@#a", "#a,#b,#kept", "0")
MASKS = ("*!*@*", "ann!*@*", "*", "?", "a*b?c!d@e", "!", "@", "x" * 200)
TEXTS = (
    "",
    " ",
    ":",
    "hello",
    "a b c",
    "x" * 400,
    "\x01ACTION waves\x01",
    "\x1b[31mred",
    "é" * 180,
)
MODES = (
    "+q", "-a", "+f", "+j", "+d", "+CMRTU", "+o", "-o", "+v", "+b", "-b", "+e",
    "+I", "+k", "-k", "+l", "+imnst", "-imnst", "+ov-b+k",
)  # fmt: skip
WORDS = (
    "*", "$a", "10", "-1", "99999999999", "LS", "302", "REQ", "END", "LIST", "LATEST", "BEFORE",
    "AFTER", "AROUND", "BETWEEN", "TARGETS", "msgid=msgid5", "msgid=nonsense", "msgid=",
    "timestamp=2027-01-15T08:00:00.010Z", "timestamp=0", "timestamp=9999-99-99T99:99:99Z",
    "+ref", "-ref", "draft/multiline", "+", "-", "C", "S", "L", "%tcuihsnfdlaor,42", "u", "o",
    "root", "secret", ",", ",,,", "<3", ">0", "T<10", "!*a*",
)  # fmt: skip
TAGS = (
    "label=1", "label=2", "batch=ref", "draft/multiline-concat", "+typing=active", "+draft/reply=x",
    "+x=\\:\\s\\\\\\r\\n", "+long=" + "y" * 3000, "msgid=forged", "time=forged", "account=me", "=",
)  # fmt: skip

PARAMETERS = (*NICKS, *CHANNELS, *MASKS, *TEXTS, *MODES, *WORDS)
VERBS = (*COMMANDS, *COMMANDS, "NOSUCH", "join", "ERROR", "001")


def likely(channel: str, nick: str) -> tuple[str, ...]:
    """Return lines that mean something where the channel and the nick are there."""
    return (
        f"JOIN {channel}",
        f"PART {channel} :bye",
        f"PRIVMSG {channel} :said",
        f"@label=7 PRIVMSG {channel} :labelled",
        f"@label=8 JOIN {channel}",
        f"PRIVMSG {nick} :psst",
        f"NOTICE {channel},{nick} :both",
        f"@+typing=active TAGMSG {channel}",
        f"@+react=x TAGMSG {nick}",
        f"KICK {channel} {nick} :out",
        f"INVITE {nick} {channel}",
        f"MODE {channel} +o {nick}",
        f"MODE {channel} +ikl key 2",
        f"MODE {channel} -ik key",
        f"MODE {channel} +b {nick}!*@*",
        f"MODE {channel} +fjd #a 5:10 3:1",
        f"MODE {channel} +b-e m:a:{nick} a:*",
        f"MODE {channel} +CMRTU",
        f"MODE {channel} -CMRTUfjd",
        f"CHANNEL REGISTER {channel}",
        f"CHANNEL ACCESS {channel} {nick} operator",
        f"CHANNEL TRANSFER {channel} {nick}",
        f"CHANNEL PURGE {channel} :gone",
        f"RENAME {channel} #new :why",
        f"@label=6 RENAME #new {channel}",
        f"@label=5 RELAYMSG {channel} {nick}/far :relayed",
        f"TOPIC {channel} :of {nick}",
        f"NICK {nick}",
        f"WHOIS {nick}",
        f"WHO {channel} %tcuihsnfdlaor,42",
        f"NAMES {channel}",
        f"MONITOR + {nick}",
        f"MONITOR - {nick}",
        f"SILENCE +{nick}!*@*",
        f"CHATHISTORY LATEST {channel} * 10",
        f"@label=9 CHATHISTORY LATEST {nick} * 10",
        f"BATCH +ref draft/multiline {channel}",
        f"@batch=ref PRIVMSG {channel} :one",
        f"@batch=ref;draft/multiline-concat PRIVMSG {channel} :more",
        "BATCH -ref",
        "OPER root secret",
        f"KILL {nick} :no more",
        f"SAJOIN {nick} {channel}",
        f"SAPART {nick} {channel}",
        f"SANICK {nick} other",
        f"TBAN {channel} 1h {nick} :why",
        f"UBAN ADD SURE {nick} 1s :x | y",
        "UBAN LIST",
        "STATS k",
        "AUDIT 5",
        f"CAP REQ :{' '.join(CAPABILITIES)}",
        "CAP REQ :-echo-message -batch",
        "CAP END",
        "AWAY :gone",
        "AWAY",
        "SETNAME :Somebody Else",
        "LIST",
        "JOIN 0",
        "QUIT :bye",
        "PING x",
    )


def line(chance: Random) -> bytes:
    """Make a line, mostly one that is understood."""
    kind = chance.random()
    if kind < 0.6:
        return chance.choice(likely(chance.choice(CHANNELS[:4]), chance.choice(NICKS[:4]))).encode()
    if kind < 0.8:
        return _composed(chance)
    if kind < 0.95:
        return _damaged(chance)
    return chance.randbytes(chance.randrange(600))


def _composed(chance: Random) -> bytes:
    """Make a line of a command and parameters, some of which may fit."""
    tags = chance.sample(TAGS, chance.randrange(3)) if chance.random() < 0.3 else []
    source = ":ann!a@b " if chance.random() < 0.1 else ""
    *middle, last = chance.choices(PARAMETERS, k=chance.randrange(1, 6))
    words = " ".join((chance.choice(VERBS), *middle))
    text = f"{source}{words} {chance.choice(('', ':'))}{last}"
    return (f"@{';'.join(tags)} {text}" if tags else text).encode()


def _damaged(chance: Random) -> bytes:
    """Make a line and spoil it: bytes cut out, put in, turned over, or said twice."""
    whole = chance.choice(likely("#a", "bob")).encode()
    at = chance.randrange(len(whole) + 1)
    match chance.randrange(4):
        case 0:
            return whole[:at] + chance.randbytes(4) + whole[at:]
        case 1:
            return whole[:at] + whole[at + 3 :]
        case 2:
            return whole[:at] * 2 + whole[at:]
        case _:
            return whole[:at] + chance.choice((b"\xff", b"\0", b"\r")) + whole[at:]
