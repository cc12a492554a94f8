"""How far proving an account has come, and what of that a new connection forgets."""

from __future__ import annotations

import pytest

from hubbub.client.credentials.credentials import AccountRegistration, Credentials, LoginState
from hubbub.irc.message import Message


@pytest.mark.parametrize(
    ("credentials", "registration", "can_try"),
    [
        (Credentials(), None, False),
        (Credentials("ann"), None, False),
        (Credentials("ann", password="pw"), None, True),
        (Credentials("ann", token="hub_x"), None, True),
        (Credentials(certificate=True), None, True),
        (Credentials(), AccountRegistration(code="AAAA"), False),
        (Credentials(), AccountRegistration(password="pw"), True),
    ],
)
def test_there_is_something_to_try_or_not(
    credentials: Credentials, registration: AccountRegistration | None, can_try: bool
) -> None:
    assert LoginState(credentials, registration).can_try is can_try


def test_a_new_connection_forgets_what_became_of_the_last_one_and_keeps_what_proves() -> None:
    held, chosen = Credentials("ann", "pw"), AccountRegistration(password="pw")
    login = LoginState(held, chosen, ready=True, ended=True, account="ann", way="PLAIN", proof="pw")
    login.refused.add("EXTERNAL")
    login.reset, login.wanted = Credentials("ann", "new"), Message("TOKEN")
    login.tries, login.barred, login.by_password = 2, True, True
    login.begin()
    assert (login.ready, login.ended, login.account, login.way, login.refused) == (
        False, False, "", "", set(),
    )  # fmt: skip
    assert not any((login.reset, login.wanted, login.proof))
    assert (login.credentials, login.registration) == (held, chosen)
    # How often somebody has guessed is not forgotten by hanging up.
    assert (login.tries, login.barred, login.by_password) == (2, True, True)
