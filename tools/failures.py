"""What the codes of FAIL mean (IRCv3 standard-replies), and the names of the numeric replies."""

from collections.abc import Iterable
from typing import Final

from hubbub.irc import numerics
from tools.protocol_reference import table

FAILURES: Final = {
    "ACCOUNT_EXISTS": "the name, or the nick, is somebody's already, or was",
    "ACCOUNT_NAME_MUST_BE_NICK": "an account is registered under the nick that one has",
    "ACCOUNT_REQUIRED": "one has to be logged in for this, or to be let in at all",
    "ACCOUNT_UNKNOWN": "there is no such account",
    "ALREADY_AUTHENTICATED": "one is logged in already",
    "ALREADY_REGISTERED": "the channel is registered already",
    "ALREADY_VERIFIED": "the account waits for no code",
    "BAD_ACCOUNT_NAME": "no account can have this name",
    "CANNOT_RENAME": "the channel cannot have another name, or not now",
    "CHANNEL_NAME_IN_USE": "there is a channel of this name",
    "COMPLETE_CONNECTION_REQUIRED": "this can be done once one is let in",
    "CONFIRMATION_REQUIRED": "it cannot be undone: send it again with the code that is given",
    "INVALID_CODE": "the code is wrong, used or too old",
    "INVALID_CREDENTIALS": "the password or the code is wrong",
    "INVALID_EMAIL": "an e-mail address is needed here, or this is none",
    "INVALID_INVITE": "the invite code is wrong, used up or too old",
    "INVALID_KEY": "no metadata can have this key",
    "INVALID_LEVEL": "there is no such level, or it cannot be given",
    "INVALID_MESSAGE": "the line is no message",
    "INVALID_MSGREFTYPE": "this kind of reference does not do here",
    "INVALID_NICK": "this cannot be the nick of a relayed message",
    "INVALID_PARAMS": "the parameters are not what the command takes",
    "INVALID_REALNAME": "the real name is too long, or holds what it may not",
    "INVALID_REFTAG": "no batch of this name is open; the line is dropped",
    "INVALID_SCOPE": "a token is for `chat`, `post:#channel` or `read:#channel`",
    "INVALID_TARGET": "there is no such target, or it is not for you",
    "INVALID_UTF8": "the line is not UTF-8; it is dropped",
    "INVALID_VALUE": "the value is too long, or not text (draft/metadata-3)",
    "INVITE_REQUIRED": "registering needs an invite code",
    "IN_USE": "it is an account's already, or on already",
    "KEY_INVALID": "as INVALID_KEY (draft/metadata-2)",
    "KEY_NOT_SET": "nothing is set under this key",
    "KEY_NO_PERMISSION": "this key may not be changed by you",
    "LIMIT_REACHED": "there are as many keys as there may be",
    "LIST_FULL": "there are as many entries or bans as there may be",
    "MESSAGE_ERROR": (
        "messages cannot be read from the server's disk (draft/chathistory); where `PARTIAL` stands"
        " behind the target, those that can be read follow"
    ),
    "MULTILINE_INVALID": "the batch is not one of draft/multiline; it is dropped",
    "MULTILINE_MAX_BYTES": "the message is too long; it is dropped",
    "MULTILINE_MAX_LINES": "the message has too many lines; it is dropped",
    "NEED_MORE_PARAMS": "a parameter is missing",
    "NEED_NICK": "NICK has to come before it",
    "NOT_CONFIRMED": "it hits many, or oneself, or cannot be undone: `SURE` does it all the same",
    "NOT_SENT": "the mail server did not take an e-mail",
    "NOT_FOUND": "nobody and nothing has this name",
    "NOT_KEPT": "there is no room on the disk, or the others of a cluster were not reached for "
    "20 s; it was neither kept nor told",
    "NOT_ON_RECORD": "a `WARN`: there is no room on the disk, or no way to the others of a "
    "cluster, to put on record what an operator asked for; what needs no record is done",
    "NOT_REREAD": "settings or a certificate cannot be used; what was in force before stays",
    "NOT_REGISTERED": "the channel is not registered",
    "NO_PRIVILEGES": "the operator's class may not do this, or not to this account",
    "NO_SUCH_BAN": "there is no such ban",
    "NO_SUCH_CHANNEL": "there is no such channel, or it is not for you to know",
    "OTHER_SESSIONS": "one is connected more than once, so one cannot become a guest",
    "OUTCOME_UNKNOWN": "the server ends and has not heard whether this was kept; the history "
    "will show it",
    "OUT_OF_SCOPE": "the token one came in with is for another purpose",
    "PRIVS_NEEDED": "one's level in the channel, or as an operator, is not enough",
    "RATE_LIMITED": "too much at once: the rest waits, or it is to be asked again later",
    "READ_ONLY": "the server does not reach the others of its cluster: nothing is taken for now, "
    "and this was neither kept nor told; reading goes on",
    "REAUTH_REQUIRED": "it takes the password (or a code, a key) once more: REAUTH, then again",
    "REDACT_FORBIDDEN": "this message is not yours to take back",
    "REDACT_WINDOW_EXPIRED": "it is too late to take it back",
    "STILL_CLOSED": "the channel has to be opened first: `+i`, `+k` and `+s` taken away",
    "SUBCOMMAND_INVALID": "as INVALID_PARAMS (draft/metadata-2)",
    "TEMPORARILY_UNAVAILABLE": "accounts cannot be registered here, or not now",
    "TOO_MANY": "an account has as many of these as it may have",
    "TOO_MANY_CHANNELS": "the account has as many channels as it may have",
    "TOO_MANY_SUBS": "one is subscribed to as many keys as one may be",
    "TRY_AGAIN": "too many wait for the same, or guessed wrong too often: ask again when it says",
    "UNACCEPTABLE_PASSWORD": "the password is too long, or holds what it may not",
    "UNAVAILABLE": "this server does not offer it",
    "UNKNOWN_MSGID": "there is no such message, or not any more",
    "UNKNOWN_TYPE": "only batches of type draft/multiline can be sent",
    "VALUE_INVALID": "as INVALID_VALUE (draft/metadata-2)",
    "WEAK_PASSWORD": "the password is too short, or the account's name",
    "WRONG_PASSWORD": "the password is wrong; nothing was changed",
}
"""Each code, and what it says."""

_HEAD = """\
# Why something failed

<!-- Written by `make docs` from tools/failures.py and src/hubbub/irc/numerics.py. -->

A command that fails is answered with a numeric, or, where there is none for it, with
`FAIL COMMAND CODE ... :reason` (IRCv3 standard-replies). The reason is for people and may change;
the codes stay.

## FAIL

"""
_NUMERICS_HEAD = """
## Numerics

Those that begin with `ERR_` are errors. Where a text is fixed it stands here.

"""


def failures() -> str:
    """Return the page of the codes and numerics."""
    codes = ((f"`{code}`", meaning) for code, meaning in FAILURES.items())
    return (
        _HEAD
        + table(("code", "meaning"), codes)
        + _NUMERICS_HEAD
        + table(("", "name", "text"), _numerics())
    )


def _numerics() -> Iterable[tuple[str, ...]]:
    named = [
        (name, value)
        for name, value in vars(numerics).items()
        if isinstance(value, numerics.Numeric)
    ]
    for name, value in sorted(named, key=lambda each: (each[1].code, each[0])):
        yield value.code, f"`{name}`", value.text
