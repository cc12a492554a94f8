"""What Hubbub answers to commands about one's account, as sentences, or as the next question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hubbub.client.events import SecondFactorKey, TokenGiven
from hubbub.client.handlers import account_registration, login, step_up
from hubbub.client.state.state import Handler, State
from hubbub.irc.message import Message

NAMES: Final = 9
"""How many devices of one name get a token of their own."""
_NOUNS: Final = {"TOKEN": "token", "CERT": "certificate", "KEY": "SSH key", "TOTP": "code"}


def begin_second_factor(state: State) -> None:
    """Set up one-time passwords: the server makes a key, the person's app takes it."""
    state.login.confirming = True
    state.send("TOTP", "BEGIN")


def end_second_factor(state: State) -> None:
    """Turn one-time passwords off, with one of them or with a recovery code."""
    state.ask("Code that your app shows, or a recovery code: ", _end_with)


def _end_with(state: State, code: str) -> None:
    if code and state.registered:
        state.send("TOTP", "OFF", code.replace(" ", ""))
    else:
        state.tell("two-factor authentication stays on")


def _confirm(state: State, code: str) -> None:
    if code and state.registered:
        state.send("TOTP", "CONFIRM", code.replace(" ", ""))
    else:
        state.login.confirming = False
        state.tell("two-factor authentication stays off")


def _ask_to_confirm(state: State) -> None:
    state.ask("Code that your app shows: ", _confirm, shown=True)


def _token(state: State, message: Message) -> None:
    words = message.params
    outcome = words[0] if words else ""
    if outcome == "ADDED" and len(words) > 2:
        _token_added(state, words[1], words[2])
    elif outcome != "NEXT":
        _managed(state, message)


def _token_added(state: State, name: str, token: str) -> None:
    held = state.login.credentials
    if name == state.login.asked_name:
        state.login.asked_name = ""
        held.token, held.token_name, held.password = token, name, ""
        state.emit(TokenGiven(held.account, name, token, state.now))
    else:
        state.tell(f"token {name}: {token}\nIt stands in for your password, and is shown this once")


def _totp(state: State, message: Message) -> None:
    words = message.params
    outcome = words[0] if words else ""
    if outcome == "KEY" and len(words) > 2 and state.login.confirming:
        state.emit(SecondFactorKey(words[1], words[2], state.now))
        _ask_to_confirm(state)
    elif outcome == "RECOVERY" and len(words) > 1:
        codes = "\n".join(f"  {code}" for code in words[1].split())
        state.tell(f"Recovery codes, each of which stands in for a code once:\n{codes}")
    elif outcome == "ON":
        state.login.confirming = False
        state.tell("two-factor authentication is on. Keep the recovery codes: they are shown once")
    elif outcome == "REMOVED":
        state.tell("two-factor authentication is off")
    elif outcome != "NEXT":
        _managed(state, message)


def _managed(state: State, message: Message) -> None:
    """Tell of credentials that were added, removed or listed."""
    words = message.params
    noun = _NOUNS.get(message.command, message.command.lower())
    if len(words) < 2:
        return
    if words[0] == "ADDED":
        state.tell(f"the {noun} is added to your account: {words[1]}")
    elif words[0] == "REMOVED":
        state.tell(f"the {noun} is removed from your account")
    elif words[0] == "LIST" and len(words) > 2:
        _listed(state, words[1], words[2])
    elif words[0] == "END":
        if not state.login.listed:
            state.tell(f"you have no {noun}")
        state.login.listed = False
    else:
        state.tell(words[-1])


def _listed(state: State, name: str, description: str) -> None:
    state.login.listed = True
    this = " (this device)" if name == state.login.credentials.token_name else ""
    state.tell(f"{name}{this}: {description}")


def _devices(state: State, message: Message) -> None:
    """Tell what can log in to the account, and what is logged in."""
    words = message.params
    if len(words) > 3 and words[0] == "LIST":
        name = f" {words[2]}" if words[2] != "*" else ""
        mine = words[1] == "token" and words[2] == state.login.credentials.token_name
        this = " (this device)" if mine else ""
        state.tell(f"{words[1]}{name}{this}: {words[3]}")
    elif words and words[0] == "END":
        state.tell("/revoke all ends all of these but this session and your password")
    else:
        state.tell(words[-1] if words else "")


def _last_word(state: State, message: Message) -> None:
    """Tell what the server says for people; the words before it are for programs."""
    if message.params and message.params[0] != "STATUS":
        state.tell(message.params[-1])


def _password_set(state: State, message: Message) -> None:
    """Log in with the password that was set with a code."""
    _last_word(state, message)
    reset, state.login.reset = state.login.reset, None
    if reset is not None and not state.same(reset.account, state.login.account):
        state.login.credentials = reset
        state.login.refused.clear()
        if state.login.ready:
            login.start(state)


def failed(state: State, command: str, code: str, reason: str) -> bool:
    """Take up why a command about the account was refused; False when it is another's matter."""
    if command == "*" and code == "ACCOUNT_REQUIRED" and not state.registered:
        login.account_needed(state)
        return True
    if command == "REGISTER" and account_registration.failed(state, code, reason):
        return True
    if command == "TOKEN" and state.login.asked_name:
        _ask_for_another(state, code, reason)
        return True
    if command == "REAUTH":
        step_up.failed(state, reason)
        return True
    if command not in COMMANDS:
        return False
    if command == "RESETPASS":
        state.login.reset = None
    state.tell(reason, error=True)
    if code == "INVALID_CODE":
        _ask_for_code_again(state, command)
    return True


def _ask_for_code_again(state: State, command: str) -> None:
    if command == "VERIFY" and not state.registered:
        account_registration.ask_code(state, state.login.credentials.account)
    if command == "TOTP" and state.login.confirming:
        _ask_to_confirm(state)


def _ask_for_another(state: State, code: str, reason: str) -> None:
    """Ask for a device's token under another name: another device has this one."""
    name, _, number = state.login.asked_name.partition("/")
    following = int(number or "1") + 1
    if code == "IN_USE" and following <= NAMES:
        state.login.asked_name = f"{name}/{following}"
        state.send("TOKEN", "ADD", state.login.asked_name)
    else:
        state.login.asked_name = ""
        state.tell(f"this device got no token of its own: {reason}", error=True)


HANDLERS: Final[Mapping[str, Handler]] = {
    **login.HANDLERS,
    **account_registration.HANDLERS,
    **step_up.HANDLERS,
    "TOKEN": _token,
    "TOTP": _totp,
    "CERT": _managed,
    "KEY": _managed,
    "PASSWD": _password_set,
    "REDEEM": _last_word,
    "REVOKE": _last_word,
    "DEVICES": _devices,
    "PERSISTENCE": _last_word,
    "SENDPASS": _last_word,
}
COMMANDS: Final = frozenset({*HANDLERS, "RESETPASS", "LOGOUT"})
"""Those commands whose refusals are about the account."""
