"""Commands about one's account. What is secret is asked for: it is never typed as part of one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from hubbub.client.commands.context import Console, SlashCommand
from hubbub.client.events import TokenGone
from hubbub.client.handlers import account_registration, account_replies, login

_SUBCOMMANDS: Final = {"add": "ADD", "list": "LIST", "remove": "DEL", "del": "DEL", "": "LIST"}
_WORDS: Final = {
    ("TOKEN", "ADD"): (1, 3),
    ("CERT", "ADD"): (0, 1),
    ("KEY", "ADD"): (0, 8),
    **{(command, "LIST"): (0, 0) for command in ("TOKEN", "CERT", "KEY")},
}
"""The fewest and the most words that may follow a subcommand, where it is not one."""
_PART: Final = 400
_ARMOUR: Final = re.compile(r"-+(BEGIN|END) SSH SIGNATURE-+")
_FORMS: Final = {
    "TOKEN": "/token, /token add NAME [SCOPE] [LIFETIME], or /token remove NAME",
    "CERT": "/cert, /cert add [SHA256], or /cert remove SHA256",
    "KEY": "/key, /key add [SHA256 [NAME] [SCOPE] or the line of the .pub file], /key challenge, "
    "/key prove SIGNATURE, or /key remove SHA256",
}


def _login(console: Console, argument: str) -> None:
    state = console.session.state
    login.log_in(state, argument or state.login.credentials.account or state.wishes.nick)


def _register(console: Console, argument: str) -> None:
    words = argument.split()
    email = next((word for word in words if "@" in word), "")
    codes = [word for word in words if word != email]
    if len(codes) > 1:
        console.complain("usage: /register [EMAIL] [CODE]; the password is asked for")
    elif console.session.state.login.account:
        console.complain(f"you have the account {console.session.state.login.account}")
    else:
        account_registration.register(console.session.state, email, "".join(codes))


def _verify(console: Console, argument: str) -> None:
    account, code = argument.split()[:2]
    console.send_early("VERIFY", account, code)


def _password(console: Console, argument: str) -> None:
    if console.session.registered:
        console.ask("Old password: ", lambda old: _ask_for_new(console, old))
    else:
        console.complain("not connected")


def _ask_for_new(console: Console, old: str) -> None:
    if old:
        account_registration.ask_new_password(
            console.session.state, lambda _, new: _change_password(console, old, new)
        )


def _change_password(console: Console, old: str, new: str) -> None:
    if not new:
        return

    def answered(answer: str) -> None:
        others = ("ALL",) if answer.strip().lower() in ("y", "yes") else ()
        console.send("PASSWD", old, new, *others)

    console.ask("End everything else that is logged in or can log in? yes, or no: ", answered, True)


def _revoke(console: Console, argument: str) -> None:
    if argument.lower() == "all":
        console.send("REVOKE", "ALL")
    else:
        console.complain("usage: /revoke all; for one of them /token, /key or /cert remove")


def _reset(console: Console, argument: str) -> None:
    """Set a password with a code that an operator gave, or have one sent."""
    account, *code = argument.split()
    if not code:
        console.send_early("SENDPASS", account)
    elif not console.session.state.login.credentials.secure:
        console.complain("nothing secret is sent over a connection that others can read")
    else:
        account_registration.ask_new_password(
            console.session.state, lambda _, new: _reset_with(console, account, "".join(code), new)
        )


def _reset_with(console: Console, account: str, code: str, new: str) -> None:
    if new:
        login = console.session.state.login
        login.reset = replace(
            login.credentials, account=account, password=new, token="", token_name=""
        )
        console.send_early("RESETPASS", account, code, new)


def _second_factor(console: Console, argument: str) -> None:
    if not console.session.registered:
        console.complain("not connected")
    elif argument.lower() == "on":
        account_replies.begin_second_factor(console.session.state)
    elif argument.lower() == "off":
        account_replies.end_second_factor(console.session.state)
    else:
        console.complain("usage: /2fa on, or /2fa off")


def _token(console: Console, argument: str) -> None:
    _manage(console, "TOKEN", argument)


def _cert(console: Console, argument: str) -> None:
    _manage(console, "CERT", argument)


def _key(console: Console, argument: str) -> None:
    word, *rest = argument.split() or [""]
    if word.lower() == "challenge":
        console.send("KEY", "CHALLENGE")
    elif word.lower() == "prove" and rest:
        # A signature by RSA is longer than a line of IRC.
        signature = "".join(_ARMOUR.sub("", " ".join(rest)).split())
        for at in range(0, len(signature), _PART):
            console.send("KEY", "PROVE", signature[at : at + _PART])
    else:
        _manage(console, "KEY", argument)


def _manage(console: Console, command: str, argument: str) -> None:
    """Send a subcommand on to the server, which knows what it takes."""
    word, *rest = argument.split() or [""]
    subcommand = _SUBCOMMANDS.get(word.lower())
    least, most = _WORDS.get((command, subcommand or ""), (1, 1))
    if subcommand is None or not least <= len(rest) <= most:
        console.complain(f"usage: {_FORMS[command]}")
    else:
        console.send(command, subcommand, *rest)


def _devices(console: Console, argument: str) -> None:
    console.send("DEVICES")


def _redeem(console: Console, argument: str) -> None:
    def given(code: str) -> None:
        if code:
            console.send("REDEEM", "".join(code.split()))

    if argument:
        given(argument)
    else:
        console.ask("Code: ", given)


def _logout(console: Console, argument: str) -> None:
    state = console.session.state
    held = state.login.credentials
    if not console.session.registered:
        console.complain("not connected")
        return
    if held.token:
        console.send("TOKEN", "DEL", held.token_name)
        state.emit(TokenGone(held.account, state.now))
        held.token = held.token_name = ""
    console.send("LOGOUT")


COMMANDS: Final = (
    SlashCommand("login", "[ACCOUNT]", "log in; the password is asked for", _login, most=1),
    SlashCommand("register", "[EMAIL] [CODE]", "register an account under your nick", _register,
        details="The password is asked for, and not shown."),
    SlashCommand("verify", "ACCOUNT CODE", "give the code that came by e-mail", _verify, needs=2,
        most=2),
    SlashCommand("password", "", "change your password; it is asked for", _password, most=0),
    SlashCommand("reset", "ACCOUNT [CODE]", "set a lost password with a code", _reset, needs=1,
        details="Without a code one is sent by e-mail, where the account has an address."),
    SlashCommand("2fa", "on|off", "codes of an app beside the password", _second_factor, needs=1,
        most=1),
    SlashCommand("token", "[add|remove NAME]", "tokens for programs; list, add, remove", _token,
        details="/token add NAME [SCOPE] [LIFETIME]: SCOPE is chat, post:#channel or "
        "read:#channel, LIFETIME such as 90d."),
    SlashCommand("devices", "", "list all that can log in to your account", _devices, most=0),
    SlashCommand("revoke", "all", "end all that /devices lists but this", _revoke, needs=1, most=1,
        details="Tokens, keys and certificates are taken back, other sessions end; your "
        "password stays."),
    SlashCommand("cert", "[add|remove SHA256]", "certificates that log you in", _cert,
        details="/cert add without a fingerprint adds the one you are connected with."),
    SlashCommand("key", "[add|remove|prove KEY]", "SSH keys that log you in", _key,
        aliases=("keys",),
        details="/key add without a fingerprint adds the one you are connected with. /key add "
        "SHA256 [NAME] [SCOPE] lists another: the fingerprint is what ssh-keygen -lf prints of "
        "the .pub file, SCOPE is chat, post:#channel or read:#channel. Its first login proves "
        "it, or a signature: /key add and the file's line, then /key prove."),
    SlashCommand("redeem", "[CODE]", "become what a code grants", _redeem),
    SlashCommand("logout", "", "be a guest; this device forgets its token", _logout, most=0),
)  # fmt: skip
"""What concerns one's account."""
