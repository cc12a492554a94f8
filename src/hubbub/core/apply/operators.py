"""Who becomes an operator, by the account or by OPER, and who is one no more."""

from __future__ import annotations

from hubbub.core.outcomes import (
    Notify,
    Outcome,
)
from hubbub.core.records.base import SessionId
from hubbub.core.world.accounts import Account
from hubbub.core.world.state import User
from hubbub.irc import capabilities as cap
from hubbub.irc.message import Message

Outcomes = list[Outcome]


def _is_already(user: User, account: Account) -> bool:
    """Say whether a user is the operator that its account makes it, or none by its account."""
    by_account = user.is_operator and user.operator == account.name
    if not account.operator:
        # Somebody who became an operator by OPER is that still.
        return not by_account
    return by_account and user.operator_class == account.operator


def operator_changed(user: User, account: Account) -> Outcomes:
    """Make a user the operator that the account is, or no operator where it is none any more."""
    user.account_class = account.operator
    if _is_already(user, account):
        return []
    granted = bool(account.operator)
    user.modes = user.modes | {"o"} if granted else user.modes - {"o"}
    user.operator = account.name if granted else ""
    user.operator_class = account.operator if granted else ""
    change = "+o" if granted else "-o"
    return [Notify(Message("MODE", (user.nick, change), user.source), (user,), cap.NONE)]


def operator_no_more(user: User) -> Outcomes:
    """Take from a user, who leaves its account, what it is as the operator that the account is."""
    user.account_class = ""
    if not user.is_operator or user.operator != user.account:
        return []
    user.modes = user.modes - {"o"}
    user.operator = user.operator_class = ""
    return [Notify(Message("MODE", (user.nick, "-o"), user.source), (user,), cap.NONE)]


def oper_no_more(user: User, session: SessionId) -> Outcomes:
    """Take from a user what a session that ends had become by OPER."""
    if user.opered.pop(session, None) is None or user.opered:
        return []
    if user.account_class:
        user.operator, user.operator_class = user.account, user.account_class
        return []
    user.modes = user.modes - {"o"}
    user.operator = user.operator_class = ""
    return [Notify(Message("MODE", (user.nick, "-o"), user.source), (user,), cap.NONE)]
