"""What is thrown at a server: commands made of what it knows, and lines with something wrong."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from random import Random

from hubbub.core.dispatch import COMMANDS
from hubbub.irc.capabilities import CAPABILITIES
from tests.core.world_harness import code

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
        *_of_channels(channel, nick),
        *_of_users(channel, nick),
        *_of_connections(nick),
        *_of_accounts(channel, nick),
        *_of_services(channel, nick),
        *_of_operators(channel, nick),
    )


def verb(line: str) -> str:
    """Return the command of a line."""
    words = line.split()
    return words[1] if words[0].startswith("@") else words[0]


def _of_channels(channel: str, nick: str) -> tuple[str, ...]:
    return (
        f"JOIN {channel}",
        f"JOIN {channel},{channel.upper()},#new key",
        f"PART {channel} :bye",
        f"@label=8 JOIN {channel}",
        f"KICK {channel} {nick} :out",
        f"KICK {channel} {nick},{nick}",
        f"INVITE {nick} {channel}",
        "INVITE",
        f"MODE {channel} +o {nick}",
        f"MODE {channel} +qaohv-qaohv {' '.join([nick] * 10)}",
        f"MODE {channel} +ikl key 2",
        f"MODE {channel} +l 99999999999999999999",
        f"MODE {channel} -ik key",
        f"MODE {channel} +b {nick}!*@*",
        f"MODE {channel} b",
        f"MODE {channel} +fjd #a 5:10 3:1",
        f"MODE {channel} +jd 0:0 99999999999:99999999999",
        f"MODE {channel} +b-e m:a:{nick} a:*",
        f"MODE {channel} +CMRTU",
        f"MODE {channel} -CMRTUfjd",
        f"CHANNEL REGISTER {channel}",
        f"CHANNEL DROP {channel}",
        f"CHANNEL INFO {channel}",
        "CHANNEL LIST",
        f"CHANNEL ACCESS {channel} {nick} operator",
        f"CHANNEL ACCESS {channel} {nick} none",
        f"CHANNEL TRANSFER {channel} {nick}",
        f"CHANNEL OPENPAST {channel} SURE",
        f"CHANNEL RETENTION {channel} 30d 1000",
        f"CHANNEL PURGE SURE {channel} :gone",
        f"RENAME {channel} #new :why",
        f"@label=6 RENAME #new {channel}",
        f"RENAME {channel} :no channel",
        f"@label=5 RELAYMSG {channel} {nick}/far :relayed",
        f"TOPIC {channel} :of {nick}",
        f"TOPIC {channel} :",
        f"NAMES {channel}",
        "NAMES",
        f"TBAN {channel} 1h {nick} :why",
        f"TBAN {channel} 99999999999y {nick}",
        f"METADATA {channel} SET url :x",
        f"METADATA {channel} LIST",
        f"CHATHISTORY LATEST {channel} * 10",
        f"SEARCH text=hello\\s-x\\sfrom:{nick}\\safter:7d;in={channel};limit=5",
        "SEARCH text=he*\\smentions:me;page=msgid9",
        f"CHATHISTORY BEFORE {channel} msgid=msgid9 99999999999999999999",
        f"MARKREAD {channel} timestamp=2027-01-15T08:00:00.010Z",
        f"MARKREAD {channel}",
        f"BATCH +ref draft/multiline {channel}",
        f"@batch=ref PRIVMSG {channel} :one",
        f"@batch=ref;draft/multiline-concat PRIVMSG {channel} :more",
        "BATCH -ref",
        "LIST",
        f"LIST >0,C<10,T>99999999999999,!*a*,{channel}",
    )


def _of_users(channel: str, nick: str) -> tuple[str, ...]:
    return (
        f"PRIVMSG {channel} :said",
        f"@label=7 PRIVMSG {channel} :labelled",
        f"PRIVMSG {nick} :psst",
        f"PRIVMSG @{channel} :to some",
        f"NOTICE {channel},{nick} :both",
        f"@+typing=active TAGMSG {channel}",
        f"@+react=x TAGMSG {nick}",
        f"REDACT {channel} id{len(nick)} :no",
        f"REDACT {nick} msgid9",
        f"EDITMSG {channel} id{len(nick)} :other words",
        f"@label=3 EDITMSG {nick} msgid9 :other words",
        f"EDITS {channel} msgid9",
        f"@+draft/reply=msgid9;+draft/react=x TAGMSG {channel}",
        f"NICK {nick}",
        f"WHOIS {nick}",
        f"WHOIS {nick} {nick}",
        f"WHOWAS {nick} -1",
        f"WHOWAS {nick} 99999999999999999999",
        f"WHO {channel} %tcuihsnfdlaor,42",
        f"WHO {nick} o",
        f"USERHOST {nick} {nick} nobody",
        f"ISON {nick} nobody",
        f"MONITOR + {nick}",
        f"MONITOR - {nick}",
        "MONITOR S",
        "MONITOR C",
        f"SILENCE +{nick}!*@*",
        f"SILENCE -{nick}!*@*",
        f"MODE {nick} +iwBR-o",
        f"@label=9 CHATHISTORY LATEST {nick} * 10",
        "CHATHISTORY TARGETS timestamp=2020-01-01T00:00:00.000Z timestamp=* 9",
        f"MARKREAD {nick} timestamp=0001-01-01T00:00:00.000Z",
        f"METADATA {nick} GET url avatar",
        f"METADATA {nick} SET soju.im/muted 1",
        f"METADATA {channel} SET hubbub/level mentions",
        "CATCHUP 10",
        "@label=8 MENTIONS * 5",
        "MENTIONS msgid=msgid9 99999999999999999999",
        f"METADATA {nick} SYNC",
        "METADATA * SET url :https://example.net",
        "METADATA * SET url",
        "METADATA * CLEAR",
        "METADATA * SUB url avatar color",
        "METADATA * UNSUB url",
        "METADATA * SUBS",
        "AWAY :gone",
        "AWAY *",
        "AWAY",
        "SETNAME :Somebody Else",
    )


def _of_connections(nick: str) -> tuple[str, ...]:
    return (
        f"CAP REQ :{' '.join(CAPABILITIES)}",
        "CAP LS 302",
        "CAP LS 99999999999999999999",
        "CAP REQ :-echo-message -batch",
        "CAP END",
        "PASS secret",
        f"USER {nick} 0 * :{nick}",
        "JOIN 0",
        "QUIT :bye",
        "PING x",
        "PONG x",
        *("LUSERS", "MOTD", "VERSION", "ISUPPORT", "TIME", "INFO", "ADMIN", "LINKS", "USERS"),
        "HELP",
        "HELP METADATA",
        "HELPOP nothing",
    )


def _of_accounts(channel: str, nick: str) -> tuple[str, ...]:
    first = base64.b64encode(f"\0{nick}\0secret".encode()).decode()
    token = base64.b64encode(f"\0{nick}\0hub_{code(2)}".encode()).decode()
    return (
        "AUTHENTICATE PLAIN",
        "AUTHENTICATE PLAIN",
        "AUTHENTICATE EXTERNAL",
        "AUTHENTICATE SCRAM-SHA-256",
        "AUTHENTICATE +",
        "AUTHENTICATE *",
        f"AUTHENTICATE {first}",
        f"AUTHENTICATE {token}",
        "AUTHENTICATE " + "A" * 400,
        f"REGISTER {nick} * secret",
        "REGISTER * a@b.example secret",
        f"REGISTER * * secret {code(1)}",
        f"VERIFY {nick} {code(1)}",
        f"REDEEM {code(1)}",
        f"REDEEM {code(3)}",
        "LOGOUT",
        "PERSISTENCE GET",
        "PERSISTENCE SET ON",
        "PERSISTENCE SET OFF",
        "PERSISTENCE SET DEFAULT",
        "PASSWD secret secret",
        "TOKEN ADD bot",
        f"TOKEN ADD poster post:{channel} 1h",
        f"TOKEN ADD reader read:{channel} 99999999999y",
        "TOKEN LIST",
        "TOKEN DEL bot",
        "CERT ADD",
        f"CERT ADD {'ab' * 32}",
        "CERT LIST",
        f"CERT DEL {'ab' * 32}",
        f"KEY ADD SHA256:{'a' * 43} mine",
        f"KEY ADD SHA256:{'b' * 43} mine read:{channel}",
        f"KEY ADD ssh-ed25519 {'A' * 20} mine",
        "KEY CHALLENGE",
        "KEY PROVE U1NIU0lH",
        f"KEY PROVE {'A' * 400}",
        "KEY LIST",
        f"KEY DEL SHA256:{'a' * 43}",
        "REAUTH secret",
        "REAUTH 123456",
        "DEVICES",
        "REVOKE ALL",
        "PASSWD secret secret ALL",
        "TOTP BEGIN",
        "TOTP CONFIRM 123456",
        f"TOTP OFF {code(1)}",
        f"SENDPASS {nick}",
        f"RESETPASS {nick} {code(2)} secret",
        "IDENTIFY secret",
        f"IDENTIFY {nick} secret",
        f"GHOST {nick}",
        f"REGAIN {nick}",
        "ACCOUNTINFO",
        f"ACCOUNTINFO {nick}",
        f"UNREGISTER {nick} secret",
    )


def _of_services(channel: str, nick: str) -> tuple[str, ...]:
    return (
        "PRIVMSG NickServ :HELP",
        f"PRIVMSG NickServ :IDENTIFY {nick} secret",
        f"NOTICE NickServ :GHOST {nick}",
        f"@label=4 PRIVMSG ChanServ :OP {channel} {nick}",
        "NICKSERV REGISTER secret",
        f"NICKSERV VERIFY {code(1)}",
        "NICKSERV INFO",
        "NS SET PASSWORD secret secret",
        f"NS REGAIN {nick}",
        "NS DROP",
        f"NS SHOW {nick}",
        f"CHANSERV REGISTER {channel}",
        f"CHANSERV INFO {channel}",
        f"CS DEOP {channel} {nick}",
        f"CS AMODE {channel} +o {nick}",
        f"CS AMODE {channel}",
        f"CS TRANSFER {channel} {nick}",
    )


def _of_operators(channel: str, nick: str) -> tuple[str, ...]:
    return (
        *("OPER root secret", "OPER root secret", "OPER helper secret", "OPER keeper secret"),
        f"KILL {nick} :no more",
        "REHASH",
        "WALLOPS :all",
        *(f"STATS {letter}" for letter in "uokd?"),
        "AUDIT 5",
        "AUDIT NOTE EXPORT #x",
        "AUDIT 99999999999999999999",
        f"SAJOIN {nick} {channel}",
        f"SAPART {nick} {channel}",
        f"SANICK {nick} other",
        f"SANICK {nick} cat",
        f"SAMODE {channel} +o-v {nick} {nick}",
        f"SAMODE {channel} +b {nick}",
        f"UBAN ADD SURE {nick} 1s :x | y",
        f"UBAN ADD SURE account:{nick} 1s",
        f"UBAN TEST {nick}",
        f"UBAN INFO {nick}",
        f"UBAN DEL {nick}",
        "UBAN LIST",
        "UBAN LIST 198",
        "UBAN ADD SURE 198.51.100.7/33 1s",
        "UBAN ADD SURE ::ffff:198.51.100.0/120 1s :x",
        f"KLINE SURE 1s {nick}!*@* :x | y",
        f"KLINE -{nick}!*@*",
        f"UNKLINE {nick}!*@*",
        "DLINE SURE 1s 198.51.100.7 :x",
        "DLINE 2001:db8::1%eth0/64",
        "UNDLINE 198.51.100.7",
        "SWITCH",
        "SWITCH SURE guests off :why",
        "SWITCH guests on",
        "SWITCH SURE registrations off",
        "SWITCH registrations on",
        f"ACCOUNT ADD {nick} :secret",
        f"ACCOUNT ADD {nick}",
        "ACCOUNT LIST",
        f"ACCOUNT LIST {nick}*",
        f"ACCOUNT SHOW {nick}",
        f"ACCOUNT SUSPEND {nick} :why",
        f"ACCOUNT RESTORE {nick}",
        f"ACCOUNT RESTORE {nick}",
        f"ACCOUNT PASSWORD {nick} :secret",
        f"ACCOUNT OPERATOR {nick} helper",
        f"ACCOUNT OPERATOR {nick} none",
        f"ACCOUNT DROP {nick}",
        f"ACCOUNT SURE ERASE {nick}",
        f"ACCOUNT SURE DROP {nick}",
        f"ACCOUNT SESSIONS {nick}",
        f"ACCOUNT CHANNELS {nick}",
        f"ACCOUNT LOGOUT {nick}",
        f"ACCOUNT REVOKE {nick} TOKEN bot",
        f"ACCOUNT REVOKE {nick} KEY SHA256:AAAA",
        f"ACCOUNT SURE REVOKE {nick} ALL",
        f"ACCOUNT HANDOVER {nick} one {channel} bot",
        f"ACCOUNT RENAME {nick} two",
        f"ACCOUNT VERIFY {nick}",
        f"ACCOUNT EMAIL {nick} a@b.example",
        f"ACCOUNT EMAIL {nick} none",
        f"EMAIL SET {nick}@b.example secret",
        "EMAIL CONFIRM AAAA-AAAA-AAAA-AAAA",
        "MAIL TEST a@b.example",
        "MAIL TEST nobody",
        f"PURGE {nick} 1h",
        f"PURGE SURE {nick}!*@* 1h {channel} :spam",
        f"PURGE {nick} 99999999999y",
        f"REDACT {channel} msgid1,msgid2,,msgid1 :why",
        "INVITECODE ADD 1 1h :note",
        "INVITECODE ADD 99999999999999999999",
        "INVITECODE LIST",
        "INVITECODE DEL 1",
        "INVITECODE SHOW AAAA-AAAA-AAAA-AAAA",
        "INVITECODE SUSPEND 1 :leaked",
        "INVITECODE SUSPEND SURE 1",
        f"AUDIT 5 {nick}",
        "OWNERCODE",
        "STATUS",
        "CLUSTER",
        "CLUSTER LEAVE 7",
        "CLUSTER FINALIZE",
        "CLUSTER SET",
        "DRAIN 60",
    )


THEME = 24
"""Of how many likely lines a run is made: so few meet often (swarm testing)."""
ALWAYS = ("JOIN #a", "JOIN #B", "JOIN #kept", "PART #a", "OPER root secret", "QUIT")


def theme(chance: Random) -> tuple[str, ...]:
    """Return the likely lines of a run."""
    lines = [
        said for channel in CHANNELS[:4] for nick in NICKS[:4] for said in likely(channel, nick)
    ]
    return (*ALWAYS, *chance.sample(lines, THEME))


def line(chance: Random, likely_ones: Sequence[str]) -> bytes:
    """Make a line, mostly one that is understood."""
    kind = chance.random()
    if kind < 0.6:
        return chance.choice(likely_ones).encode()
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
