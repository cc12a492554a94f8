"""Proving the account once more where the server asks for it, and going on with what was wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hubbub.client.state.state import Handler, State
from hubbub.irc.message import Message

TRIES: Final = 3
"""How many wrong answers are asked for again."""
CODE: Final = "REAUTH_REQUIRED"
_PROMPTS: Final = {
    "password": "This takes your password once more: ",
    "code": "This takes a code of your app once more: ",
}
"""What is asked for, by what the server takes."""
LEFT: Final = "nothing was changed"


def needed(state: State, command: str, context: tuple[str, ...]) -> bool:
    """Ask for what the server wants before it does a command; False where nothing can be asked."""
    login = state.login
    wanted, prompt = login.wanted, _PROMPTS.get(context[0]) if context else None
    if wanted is None or wanted.command != command or prompt is None or not login.account:
        return False
    if not login.credentials.secure:
        # Nothing secret is sent over a connection that others can read.
        return False
    login.proof, login.proofs = prompt, 0
    _ask(state)
    return True


def _ask(state: State) -> None:
    state.ask(state.login.proof, _given)


def _given(state: State, answer: str) -> None:
    if answer and state.registered:
        state.send("REAUTH", answer.strip())
    else:
        _give_up(state, LEFT)


def _give_up(state: State, why: str) -> None:
    state.login.wanted, state.login.confirming = None, False
    state.tell(why, error=True)


def failed(state: State, reason: str) -> None:
    """Ask again after a wrong answer, a few times."""
    login = state.login
    if not login.proof:
        state.tell(reason, error=True)
        return
    login.proofs += 1
    if login.proofs < TRIES:
        state.tell(reason, error=True)
        _ask(state)
    else:
        login.proof = ""
        _give_up(state, f"{reason}; {LEFT}")


def _proved(state: State, message: Message) -> None:
    """Send again what the server wanted the proof for."""
    login = state.login
    wanted, login.wanted = login.wanted, None
    asked, login.proof = login.proof, ""
    if wanted is not None and asked:
        state.send(wanted.command, *wanted.params)
    else:
        state.tell(message.params[-1] if message.params else "proved")


HANDLERS: Final[Mapping[str, Handler]] = {"REAUTH": _proved}
