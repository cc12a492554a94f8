"""What NickServ can be asked: accounts, and what proves them."""

from __future__ import annotations

from typing import Final

from hubbub.core.commands.services.aliases import Face, Words, after
from hubbub.core.deciding.confirming import take_sure
from hubbub.core.deciding.context import Context


def _register(ctx: Context, words: Words) -> Words:
    """Tell an e-mail address from an invite code by its form; either can be left out."""
    password, *rest = words[:3] or ("",)
    email = next((word for word in rest if "@" in word or word == "*"), "*")
    return ("*", email, password, *(word for word in rest if word != email))


def _verify(ctx: Context, words: Words) -> Words:
    return words if len(words) > 1 else (ctx.user.nick, *words)


def _set(ctx: Context, words: Words) -> Words | str:
    what, *values = words
    if what.upper() == "PASSWORD":
        return values
    if what.upper() == "EMAIL":
        return "That is a word of its own: EMAIL SET address password"
    return "Only PASSWORD can be set here; EMAIL, PERSIST and TOTP are words of their own"


def _persist(ctx: Context, words: Words) -> Words:
    return ("SET", *words) if words else ("GET",)


def _drop(ctx: Context, words: Words) -> Words:
    return words or (ctx.user.account,)


def _drop_anothers(ctx: Context, words: Words) -> Words:
    given = list(words)
    sure = ["SURE"] if take_sure(given) else []
    return (*sure, "DROP", *given)


NICKSERV: Final = (
    Face(
        "REGISTER",
        "REGISTER",
        _register,
        "password [email] [invite-code]",
        "register an account under your nick",
        1,
    ),
    Face("VERIFY", "VERIFY", _verify, "[account] code", minimum=1),
    Face("IDENTIFY", "IDENTIFY"),
    Face("LOGOUT", "LOGOUT"),
    Face("INFO", "ACCOUNTINFO"),
    Face("GHOST", "GHOST"),
    Face("RELEASE", "GHOST"),
    Face("REGAIN", "REGAIN"),
    Face("REAUTH", "REAUTH"),
    Face("SET", "PASSWD", _set, "PASSWORD old new [ALL]", minimum=3),
    Face("PASSWD", "PASSWD"),
    Face("EMAIL", "EMAIL"),
    Face("SENDPASS", "SENDPASS"),
    Face("RESETPASS", "RESETPASS"),
    Face("CERT", "CERT"),
    Face("KEY", "KEY"),
    Face("TOKEN", "TOKEN"),
    Face("TOTP", "TOTP"),
    Face("DEVICES", "DEVICES"),
    Face("REVOKE", "REVOKE"),
    Face("PERSIST", "PERSISTENCE", _persist, "[ON|OFF]"),
    Face("REDEEM", "REDEEM"),
    Face("DROP", "UNREGISTER", _drop),
    Face("LIST", "ACCOUNT", after("LIST"), "[mask]", "list accounts"),
    Face("SHOW", "ACCOUNT", after("SHOW"), "account", "tell all about an account", 1),
    Face(
        "SAREGISTER",
        "ACCOUNT",
        after("ADD"),
        "account [password]",
        "make an account for somebody",
        1,
    ),
    Face(
        "SUSPEND",
        "ACCOUNT",
        after("SUSPEND"),
        "account [:reason]",
        "let nobody log in to an account",
        1,
    ),
    Face("UNSUSPEND", "ACCOUNT", after("RESTORE"), "account", "lift a suspension", 1),
    Face(
        "SADROP",
        "ACCOUNT",
        _drop_anothers,
        "[SURE] account",
        "drop somebody's account for good",
        1,
    ),
    Face("INVITECODE", "INVITECODE"),
)
"""The words, in the order in which HELP lists them."""
