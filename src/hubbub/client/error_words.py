"""What went wrong, in words, and what to do: one table for numerics, one for the codes of FAIL."""

from __future__ import annotations

import re
from typing import Final

from hubbub.irc import numerics

_OPERATORS: Final = "its operators have @ before their nicks in /names"

NUMERICS: Final = {
    "400": "the server could not do that",
    "401": "nobody is called {about} here; /names lists who is in a channel",
    "402": "there is no server {about}",
    "403": "there is no channel {about}, or it is not for you to know; /list lists channels",
    "404": "you may not speak in {about}: only its members may, or only those whom its operators "
    "let; " + _OPERATORS,
    "405": "you are in as many channels as you may be: leave one with /part #channel",
    "406": "nobody has been called {about} lately",
    "407": "that is for too many at once: write to each alone",
    "409": "the server got no word to answer with",
    "410": "the server does not know this part of CAP",
    "411": "say to whom: /msg NICK TEXT",
    "412": "there is no text to send",
    "417": "that was too long for one line: break it with Alt-Enter",
    "421": "the server has no command {about}; /help lists those of this program",
    "422": "this server has no message of the day",
    "423": "this server does not tell who runs it",
    "431": "say which nick: /nick NICK",
    "432": "{about} cannot be a nick: letters, digits and []\\`_^{{|}}-, and no digit first",
    "433": "{about} is taken, or another account's: choose another nick, or /login {about}",
    "441": "{about} is not in {more}; /names lists who is",
    "442": "you are not in {about}: /join {about} first",
    "443": "{about} is in {more} already",
    "446": "this server does not list its users like that; /names lists those of a channel",
    "451": "you are not let in yet: wait a moment",
    "461": "{about} needs more than that; /help tells what",
    "462": "you are let in already; /nick changes the nick, /login the account",
    "464": "the password is wrong",
    "465": "you are banned from this server; ask whoever runs it",
    "470": "{about} takes you to {more} instead",
    "471": "{about} is full: try again when somebody has left, or ask an operator for more room",
    "472": "there is no mode {about}",
    "473": "{about} is for those who are invited: ask somebody in it for /invite",
    "474": "you are banned from {about}: ask one of its operators to lift that (/unban)",
    "475": "{about} has a key, and this is not it: /join {about} KEY",
    "476": "{about} cannot be a channel: # and then letters, without blanks and commas",
    "477": "{about} is for those with an account: /login NAME, or /register",
    "478": "the list of {about} is full: take an entry out first; /bans lists bans",
    "480": "too many come into {about} just now: try again in a moment",
    "481": "that is for operators of the server: /oper NAME, if you are one",
    "482": "you are no operator of {about}; " + _OPERATORS,
    "483": "a server cannot be thrown out",
    "491": "nobody can become operator by that name from here",
    "501": "there is no such mode for a person",
    "502": "modes of others are not yours to change",
    "511": "you keep out as many as you may: take somebody from the list first",
    "524": "the server has no help on {about}",
    "531": "too much waits for {about} already: try again later, or /login if you are a guest",
    "696": "{more} cannot be set like that on {about}",
    "734": "you watch as many nicks as you may: take some from the list first",
    "902": "this account cannot be used now",
    "904": "wrong account name, password or code",
    "905": "the password is too long",
    "906": "the login was broken off: /login tries again",
    "907": "you are logged in already: /logout first",
}  # fmt: skip
"""What each numeric says; `{about}` is what it is about, `{more}` its next word."""

_LATER: Final = "try again in a moment"
_EXISTING: Final = "check how it is written"
FAILURES: Final = {
    "ACCOUNT_EXISTS": "take another nick first with /nick, or /login if it is yours",
    "ACCOUNT_NAME_MUST_BE_NICK": "take that nick first with /nick",
    "ACCOUNT_REQUIRED": "/login NAME, or /register",
    "ACCOUNT_UNKNOWN": _EXISTING,
    "ALREADY_AUTHENTICATED": "/logout first",
    "ALREADY_REGISTERED": "its owner can give you rights in it",
    "ALREADY_VERIFIED": "its owner can log in: /login NAME",
    "BAD_ACCOUNT_NAME": "take another nick first with /nick",
    "CANNOT_RENAME": "choose another name, or try later",
    "CHANNEL_NAME_IN_USE": "choose another name",
    "COMPLETE_CONNECTION_REQUIRED": "wait until you are let in",
    "CONFIRMATION_REQUIRED": "send it again with the code",
    "STILL_CLOSED": "open the channel first: /mode -s, -i or -k, whichever keeps it closed",
    "MESSAGE_ERROR": "ask whoever runs the server to look at its disk",
    "INVALID_REFTAG": "a program sent lines of a batch that it had not begun: say it again",
    "INVALID_CODE": "check the code, or have another one made",
    "INVALID_CREDENTIALS": "try again, or /reset NAME where it is lost",
    "INVALID_EMAIL": "/register NAME@EXAMPLE.ORG",
    "INVALID_INVITE": "ask for another code",
    "INVALID_KEY": "a key has letters, digits and a few signs",
    "INVALID_LEVEL": "/msg ChanServ help tells the levels",
    "INVALID_MESSAGE": "/raw takes a line of the protocol",
    "INVALID_MSGREFTYPE": "this server refers to messages otherwise",
    "INVALID_NICK": "choose another nick for it",
    "INVALID_PARAMS": "/help COMMAND tells what it takes",
    "INVALID_REALNAME": "choose a shorter one",
    "INVALID_SCOPE": "chat, post:#channel or read:#channel",
    "INVALID_TARGET": _EXISTING,
    "INVALID_UTF8": "your terminal must send UTF-8",
    "INVALID_VALUE": "choose a shorter text",
    "INVITE_REQUIRED": "/register CODE; an operator of the server makes codes",
    "IN_USE": "remove the other one first, or choose another name",
    "KEY_INVALID": "a key has letters, digits and a few signs",
    "KEY_NOT_SET": "there is nothing to take away",
    "KEY_NO_PERMISSION": "only its owner may",
    "LIMIT_REACHED": "remove one first",
    "LIST_FULL": "remove one first",
    "MULTILINE_INVALID": "send it line by line",
    "MULTILINE_MAX_BYTES": "send it in parts",
    "MULTILINE_MAX_LINES": "send it in parts",
    "NEED_MORE_PARAMS": "/help COMMAND tells what it takes",
    "NEED_NICK": "/nick NICK first",
    "NOT_CONFIRMED": "the word SURE, put there, does it all the same",
    "NOT_FOUND": _EXISTING,
    "NOT_KEPT": "tell whoever runs the server that its disk is full, and say it again later",
    "NOT_ON_RECORD": "make room on the server's disk",
    "NOT_REREAD": "mend that, then /raw REHASH",
    "NOT_REGISTERED": "/msg ChanServ REGISTER #channel",
    "NOT_SENT": "check the address, and what the server's settings say of e-mail",
    "NO_PRIVILEGES": "ask an operator who may",
    "NO_SUCH_BAN": "list the bans to see how it is written",
    "NO_SUCH_CHANNEL": "/list lists channels",
    "OTHER_SESSIONS": "leave with your other devices first",
    "OUTCOME_UNKNOWN": "look into /history before you say it again",
    "OUT_OF_SCOPE": "log in with the password, or with a token for this",
    "PRIVS_NEEDED": "ask an operator",
    "RATE_LIMITED": "wait a moment, and say it again",
    "READ_ONLY": "go on by another server, or wait until this one says that it can again",
    "REAUTH_REQUIRED": "/raw REAUTH :PASSWORD, then the same again",
    "EDITS_FORBIDDEN": "an operator of the channel can look",
    "EDIT_FORBIDDEN": "/redact takes it back; then say it anew",
    "EDIT_WINDOW_EXPIRED": "say what you meant anew",
    "REDACT_FORBIDDEN": "its writer can take it back, or an operator of the channel",
    "REDACT_WINDOW_EXPIRED": "an operator of the channel still can",
    "SUBCOMMAND_INVALID": "/help COMMAND tells what it takes",
    "TEMPORARILY_UNAVAILABLE": "ask whoever runs the server for an account",
    "TOO_MANY": "remove one first",
    "TOO_MANY_CHANNELS": "give one up first",
    "TOO_MANY_SUBS": "end one first",
    "TRY_AGAIN": _LATER,
    "UNACCEPTABLE_PASSWORD": "choose another one",
    "UNAVAILABLE": "ask whoever runs the server",
    "UNKNOWN_MSGID": "it may have been taken back already",
    "UNKNOWN_TYPE": "send it line by line",
    "VALUE_INVALID": "choose a shorter text",
    "WEAK_PASSWORD": "choose a longer one",
    "WRONG_PASSWORD": "try again, or /reset NAME where it is lost",
}
"""What to do about each code of FAIL; what happened the server says in words."""

_USUAL: Final = {
    each.code: each.text for each in vars(numerics).values() if isinstance(each, numerics.Numeric)
}
_TOLD: Final = frozenset({"433"})
"""Numerics of which we say all that there is: what a server adds is for programs of other kinds."""


def numeric(code: str, params: tuple[str, ...]) -> str:
    """Return what an error says; what the server adds to the usual words stands behind it.

    `params` are the message's, our nick first. Of a numeric that is not known the server's words
    are what there is.
    """
    words, reason = params[1:-1], params[-1] if params else code
    template = NUMERICS.get(code)
    if template is None:
        return f"{' '.join(words)}: {reason}" if words else reason
    about, more, *_ = (*words, "", "")
    text = template.format(about=about or "it", more=more or "it")
    told = code in _TOLD or reason in (_USUAL[code], "")
    return text if told else f"{text} ({reason})"


def failure(code: str, reason: str) -> str:
    """Return what the server says of a failure, and what to do about it, unless it has said so."""
    advice = "" if "; " in reason or reason.endswith("?") else FAILURES.get(code)
    return f"{reason.rstrip('.')}: {advice}" if advice else reason


_CLOSING: Final = re.compile(r"closing link:?\s+(?:\S+\s+)?\((.*)\)", re.IGNORECASE | re.DOTALL)


def closing(reason: str) -> str:
    """Return why a server closes the connection, without what frames it in an ERROR.

    RFC 2812 does not say how; `Closing link: HOST (REASON)` is what servers say.
    """
    found = _CLOSING.fullmatch(reason.strip())
    return found.group(1) if found and found.group(1) else reason
