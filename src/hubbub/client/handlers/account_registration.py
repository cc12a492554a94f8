"""Registering an account: what is asked for, and what the server still wants
(IRCv3 draft/account-registration; a further parameter, the invite code, is Hubbub's).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from hubbub.client.credentials.credentials import AccountRegistration, Credentials
from hubbub.client.handlers import login
from hubbub.client.state.state import Handler, State
from hubbub.irc.message import Message

LEAST: Final = 8
"""The fewest letters of a password that is chosen here: as many as a server wants by default.

What a server wants it says only once it has the password, which is typed twice by then.
"""
_CAPABILITY: Final = "draft/account-registration"


def register(state: State, email: str = "", code: str = "") -> None:
    """Register an account under one's nick; the password is asked for."""
    state.login.registration = AccountRegistration(email or "*", code)
    ask_new_password(state, _password_given)


def ask_new_password(state: State, then: Callable[[State, str], None]) -> None:
    """Ask twice for a new password; `then` takes it, "" where there is none."""

    def given(state: State, first: str) -> None:
        if not first:
            then(state, "")
        elif " " in first or first.startswith(":"):
            # Where something follows it, no line of the protocol could hold it.
            state.tell("a password has no blanks, and does not begin with a colon", error=True)
            ask_new_password(state, then)
        elif len(first) < LEAST:
            state.tell(f"a password has at least {LEAST} letters", error=True)
            ask_new_password(state, then)
        else:
            state.ask("The same again: ", lambda state, second: compare(state, first, second))

    def compare(state: State, first: str, second: str) -> None:
        if first == second:
            then(state, first)
        else:
            state.tell("the two differ", error=True)
            ask_new_password(state, then)

    state.ask("New password: ", given)


def start(state: State) -> bool:
    """Send what is to be registered; False where there is nothing, or it is too early."""
    wanted = state.login.registration
    if wanted is None or not wanted.password:
        return False
    if not state.has(_CAPABILITY):
        _give_up(state, "this server registers no accounts in this way")
        return True
    early = "before-connect" in state.offered.get(_CAPABILITY, "").split(",")
    if not (state.registered or early):
        return False
    if not (state.login.credentials.secure):
        _give_up(state, "nothing secret is sent over a connection that others can read")
        return True
    state.send(
        "REGISTER", "*", wanted.email, wanted.password, *((wanted.code,) if wanted.code else ())
    )
    return True


def _password_given(state: State, password: str) -> None:
    wanted = state.login.registration
    if wanted is None:
        return
    wanted.password = password
    if not password:
        _give_up(state, "no account was registered")
    elif state.login.ready:
        start(state)


def _give_up(state: State, reason: str) -> None:
    state.login.registration = None
    login.give_up(state, reason)


def verify(state: State, account: str, code: str) -> None:
    """Show the code that came by e-mail."""
    state.send("VERIFY", account, code)


def _registered(state: State, message: Message) -> None:
    """Take up the answer to REGISTER or VERIFY."""
    if len(message.params) < 2:
        return
    outcome, account = message.params[:2]
    if outcome == "VERIFICATION_REQUIRED":
        _take_over(state, account)
        state.tell(f"a code was sent to your e-mail address: /verify {account} CODE")
        if not state.registered:
            ask_code(state, account)
    elif outcome == "SUCCESS":
        _take_over(state, account)
        state.tell(f"the account {account} is registered: it is yours")
        state.login.by_password = bool(state.login.credentials.password)
        state.login.barred = False
        login.go_on(state)
        if state.registered:
            login.ask_device_token(state)


def ask_code(state: State, account: str) -> None:
    """Ask for the code that came by e-mail."""
    prompt = "Code from the e-mail (later: Enter): "
    state.ask(prompt, lambda state, code: _code_given(state, account, code), shown=True)


def _take_over(state: State, account: str) -> None:
    """Log in, from now on, with what was registered."""
    wanted, state.login.registration = state.login.registration, None
    held = state.login.credentials
    if wanted is not None:
        state.login.credentials = Credentials(
            account,
            wanted.password,
            certificate=held.certificate,
            secure=held.secure,
            device=held.device,
        )


def _code_given(state: State, account: str, code: str) -> None:
    if code and state.login.ready:
        verify(state, account, code)
    elif not code:
        login.go_on(state)


def failed(state: State, code: str, reason: str) -> bool:
    """Take up why REGISTER was refused, and ask for what it wants; False when it was not ours."""
    wanted = state.login.registration
    if wanted is None:
        return False
    if code == "COMPLETE_CONNECTION_REQUIRED":
        login.go_on(state)
        return True
    ask = _ASK.get(code)
    if ask is None:
        _give_up(state, reason)
        return True
    if code != "INVITE_REQUIRED":
        state.tell(reason, error=True)
    ask(state)
    return True


def _ask_code(state: State) -> None:
    state.ask("Invite code: ", _invite_given, shown=True)


def _ask_email(state: State) -> None:
    state.ask("E-mail address: ", _email_given, shown=True)


def _ask_password(state: State) -> None:
    ask_new_password(state, _password_given)


_ASK: Final[Mapping[str, Callable[[State], None]]] = {
    "INVITE_REQUIRED": _ask_code,
    "INVALID_INVITE": _ask_code,
    "INVALID_EMAIL": _ask_email,
    "UNACCEPTABLE_EMAIL": _ask_email,
    "WEAK_PASSWORD": _ask_password,
    "UNACCEPTABLE_PASSWORD": _ask_password,
}


def _invite_given(state: State, code: str) -> None:
    _given(state, code, "an account needs an invite code here; its operators give them out")


def _email_given(state: State, email: str) -> None:
    wanted = state.login.registration
    if wanted is not None and email:
        wanted.email = "".join(email.split())
    _sent_again(state, email, "an account needs an e-mail address here")


def _given(state: State, code: str, without: str) -> None:
    wanted = state.login.registration
    if wanted is not None and code:
        wanted.code = "".join(code.split())
    _sent_again(state, code, without)


def _sent_again(state: State, given: str, without: str) -> None:
    if state.login.registration is None:
        return
    if not given:
        _give_up(state, without)
    elif state.login.ready:
        start(state)


HANDLERS: Final[Mapping[str, Handler]] = {"REGISTER": _registered, "VERIFY": _registered}
