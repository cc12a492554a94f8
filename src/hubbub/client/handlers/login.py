"""Logging in: the device's token first, else the password (IRCv3 sasl-3.1, sasl-3.2).

What is tried on a connection, in this order: a client certificate (EXTERNAL), the device's token
(PLAIN, the token in the password's place), the password with SCRAM-SHA-256, the password with
PLAIN. Nothing that could be used by others goes over a connection that others can read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from hubbub.client.credentials import sasl
from hubbub.client.credentials.credentials import Credentials
from hubbub.client.credentials.sasl import Mechanism
from hubbub.client.credentials.scram import NAME as SCRAM
from hubbub.client.credentials.scram import ScramSHA256
from hubbub.client.errors import ExchangeError
from hubbub.client.events import AccountNeeded, ConnectionRefused, TokenGone
from hubbub.client.state.state import Handler, State
from hubbub.irc.message import Message

TRIES: Final = 3
"""How many wrong passwords are asked for again."""
HOW_TO_LOG_IN: Final = (
    "log in once with `hubbub chat --account NAME` on a terminal, or set"
    " HUBBUB_CHAT_ACCOUNT_PASSWORD"
)
_BARRED: Final = (
    "this server lets in nobody without an account.\n"
    "  If you have one: /login NAME\n"
    "  If you have an invite code: /register\n"
    "  If you have a code to set your password with: /reset NAME CODE\n"
    "Its operators make accounts and give out invite codes."
)
_TOKEN: Final = "token"  # noqa: S105 - the name of the way
_PLAIN: Final = "PLAIN"
_EXTERNAL: Final = "EXTERNAL"
_OBSTACLE: Final = "This account "
"""How Hubbub begins to tell the owner of an account why it cannot be used now."""


def needs_password(state: State) -> bool:
    """Say whether nothing but a password that is not known could prove the account."""
    return bool(state.login.credentials.account) and not state.login.can_try


def ask_password(state: State) -> None:
    """Ask for the password, and log in with it."""
    state.ask(f"Password of {state.login.credentials.account}: ", _password_given)


def log_in(state: State, account: str) -> None:
    """Log in to an account, whose password is asked for."""
    held = state.login.credentials
    if not state.same(account, held.account):
        state.login.credentials = Credentials(
            account, certificate=held.certificate, secure=held.secure, device=held.device
        )
    state.login.registration = None
    state.login.tries = 0
    # Even who has a token wants to type the password now.
    state.login.credentials.token = ""
    ask_password(state)


def start(state: State) -> bool:
    """Begin to prove the account; False where there is none to prove."""
    login = state.login
    held = login.credentials
    if not (held.account or held.certificate):
        return False
    if not state.has("sasl"):
        give_up(state, f"this server cannot let you log in as {held.account} (it has no SASL)")
        return True
    try:
        way = _choose(state)
    except ExchangeError as error:
        give_up(state, str(error))
        return True
    if way is not None:
        login.way, login.exchange = way
        login.received = ""
        state.send("AUTHENTICATE", login.exchange.mechanism)
    elif held.account:
        ask_password(state)
    else:
        give_up(state, "the certificate belongs to no account here; name yours with --account")
    return True


def go_on(state: State) -> None:
    """Let the server end the registration of this connection."""
    if state.registered:
        return
    if not state.login.ended:
        state.login.ended = True
        state.send("CAP", "END")
    else:
        # Where it had ended without being let in, a nick makes the server try again.
        state.send("NICK", state.nick)


def give_up(state: State, reason: str) -> None:
    """Stay without the account; without being let in, where no person can do anything about it."""
    login = state.login
    login.credentials.password = login.code = ""
    if state.registered or login.barred:
        state.tell(reason, error=True)
    else:
        state.emit(ConnectionRefused(reason, state.now))


def account_needed(state: State) -> None:
    """Take note that the server lets in accounts only."""
    state.login.barred = True
    state.emit(AccountNeeded(_BARRED, state.now))


def _choose(state: State) -> tuple[str, Mechanism] | None:
    """Return the next way to try; None where the password has to be asked for."""
    login = state.login
    held, offered = login.credentials, _mechanisms(state)
    untried = set(offered) - login.refused
    if held.certificate and _EXTERNAL in untried:
        return _EXTERNAL, sasl.External(held.account)
    if not held.account or not (held.token or held.password):
        return None
    if held.token and _PLAIN in offered and held.secure:
        return _TOKEN, sasl.Plain(held.account, held.token)
    # SCRAM has no place for a one-time password.
    if held.password and SCRAM in untried and not login.code:
        return SCRAM, ScramSHA256(held.account, held.password, state.outgoing.new_nonce())
    _refuse_plain(held, offered)
    return (_PLAIN, _plain(state)) if held.password else None


def _refuse_plain(held: Credentials, offered: Sequence[str]) -> None:
    """Raise ExchangeError where the secret itself cannot be sent, or must not be."""
    if _PLAIN not in offered:
        raise ExchangeError(f"this server offers no way to log in that is known: {offered}")
    if not held.secure:
        raise ExchangeError("nothing secret is sent over a connection that others can read")


def _plain(state: State) -> sasl.Plain:
    """Say the password, with the one-time password behind it where one was given."""
    login, held = state.login, state.login.credentials
    password = f"{held.password}:{login.code}" if login.code else held.password
    return sasl.Plain(held.account, password)


def _mechanisms(state: State) -> list[str]:
    """Return what the server offers; before CAP 302 it did not say, so all are tried."""
    told = state.offered.get("sasl", "")
    return told.upper().split(",") if told else [_EXTERNAL, SCRAM, _PLAIN]


def noticed(state: State, text: str) -> bool:
    """Take up why the account may not be used now; False when a notice is about something else."""
    if state.login.exchange is None or not text.startswith(_OBSTACLE):
        return False
    state.login.obstacle = text
    return True


def _challenged(state: State, message: Message) -> None:
    """Answer a challenge, which may come in several parts."""
    login = state.login
    part = message.params[0] if message.params else ""
    if login.exchange is None:
        return
    login.received += "" if part == "+" else part
    if len(part) >= sasl.CHUNK and len(login.received) <= sasl.LONGEST:
        return
    received, login.received = login.received, ""
    try:
        answer = login.exchange.answer(sasl.decode(received[: sasl.LONGEST]))
    except ExchangeError as error:
        login.exchange = None
        state.send("AUTHENTICATE", "*")
        give_up(state, f"not logged in: {error}")
        return
    for chunk in sasl.chunks(answer):
        state.send("AUTHENTICATE", chunk)


def _logged_in(state: State, message: Message) -> None:
    """Take up RPL_LOGGEDIN, which tells the account."""
    if len(message.params) > 2:
        _has(state, message.params[2])


def changed(state: State, account: str) -> None:
    """Take up whose account we are now, "" for nobody's."""
    if account:
        _has(state, account)
    else:
        state.login.account = ""


def _has(state: State, account: str) -> None:
    """Be an account's from here on; whatever says so first is what is told."""
    login = state.login
    news = not state.same(account, login.account) if login.account else True
    login.account = account
    login.barred = False
    login.credentials.account = login.credentials.account or account
    if news:
        state.tell(f"you are logged in as {account}")


def _logged_out(state: State, message: Message) -> None:
    state.login.account = ""
    state.tell("you are logged out")


def _succeeded(state: State, message: Message) -> None:
    login = state.login
    exchange, login.exchange = login.exchange, None
    if exchange is None:
        return
    if not exchange.is_proved:
        give_up(state, "not logged in: the server did not prove that it knows the password")
        return
    login.by_password = login.way in (SCRAM, _PLAIN)
    login.code, login.tries = "", 0
    login.barred = False
    go_on(state)
    if state.registered:
        ask_device_token(state)


def ask_device_token(state: State) -> None:
    """Ask for a token with which this device logs in from now on, after one with the password."""
    login = state.login
    held = login.credentials
    if login.by_password and held.device and not login.asked_name:
        login.by_password = False
        login.asked_name = held.device
        state.send("TOKEN", "ADD", held.device)


def _failed(state: State, message: Message) -> None:
    """Try the next way, or ask the person for what is missing."""
    login = state.login
    if login.exchange is None:
        return
    held = login.credentials
    login.exchange = None
    obstacle, login.obstacle = login.obstacle, ""
    # The account cannot be used now, whatever proves it: no other way is tried.
    if obstacle:
        give_up(state, f"not logged in as {held.account}: {obstacle}")
    elif login.way == _EXTERNAL:
        login.refused.add(_EXTERNAL)
        # Where no account is named no other way is left, and `start` says so.
        if held.account:
            state.tell("the certificate was not accepted", error=True)
        start(state)
    elif login.way == _TOKEN:
        held.token = held.token_name = ""
        state.emit(TokenGone(held.account, state.now))
        text = f"the token of this device for {held.account} is not accepted any more"
        state.tell(text, error=True)
        start(state)
    elif login.way == SCRAM and held.secure and _PLAIN in _mechanisms(state):
        # An account with two factors, or one from before the server had SCRAM, has no such keys.
        login.refused.add(SCRAM)
        start(state)
    # With a code it was the password that was wrong, and SCRAM has no place for a code.
    elif login.code or login.way == SCRAM:
        _again(state)
    else:
        prompt = "Not accepted. Code of two-factor authentication (none: Enter): "
        state.ask(prompt, _code_given)


def _again(state: State) -> None:
    login = state.login
    login.credentials.password = login.code = ""
    login.tries += 1
    if login.tries < TRIES:
        state.tell("wrong account name, password or code", error=True)
        ask_password(state)
    else:
        give_up(state, f"not logged in as {login.credentials.account}: wrong password or code")


def _code_given(state: State, code: str) -> None:
    state.login.code = code.replace(" ", "")
    if not code:
        _again(state)
    elif state.login.ready:
        start(state)


def _password_given(state: State, password: str) -> None:
    login = state.login
    if not password:
        account = login.credentials.account
        how = f"/login {account} asks again" if state.wishes.person else HOW_TO_LOG_IN
        reason = "wrong password or code" if login.tries else f"no password was given; {how}"
        give_up(state, f"not logged in as {account}: {reason}")
        return
    login.credentials.password = password
    if login.ready:
        start(state)


def _told_mechanisms(state: State, message: Message) -> None:
    if len(message.params) > 2:
        state.offered["sasl"] = message.params[1]


def _aborted(state: State, message: Message) -> None:
    state.login.exchange = None


HANDLERS: Final[Mapping[str, Handler]] = {
    "AUTHENTICATE": _challenged,
    "900": _logged_in,
    "901": _logged_out,
    "902": _failed,
    "903": _succeeded,
    "904": _failed,
    "905": _failed,
    "906": _aborted,
    "907": _aborted,
    "908": _told_mechanisms,
}
