"""Which settings are rules, and so are the same on all nodes of a cluster.

A record (SettingsSet) says what they are there, and the nodes' own files do not; a node alone goes
by its file. Not among them is what is a node's own (doors, limits of what it holds), and what is no
text for a log: passwords, and the hashes of OPER's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final


def _flag(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError("must be true or false")
    return text.lower() == "true"


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise ValueError("must be a number") from None


SHARED: Final[Mapping[str, Callable[[str], Any]]] = {
    "name": str,
    "network": str,
    "network_icon": str,
    "description": str,
    "access": str,
    "accounts.register_before_connect": _flag,
    "accounts.email": str,
    "accounts.scram": _flag,
    "accounts.stay_days": _number,
    "accounts.password_length": _number,
    "accounts.step_up_minutes": _number,
    "accounts.second_factor_for": str.split,
    "channels.keep": str.split,
    "channels.keep_limit": _number,
    "channels.per_account": _number,
    "channels.access_entries": _number,
    "channels.replay": _number,
    "channels.replay_to": str.split,
    "channels.redact_seconds": _number,
    "channels.keep_edits": _flag,
    "doors.proxies": str.split,
    "limits.audit_days": _number,
    "limits.direct_days": _number,
    "limits.direct_messages": _number,
    "limits.flood": _flag,
    "limits.history_days": _number,
    "limits.history_messages": _number,
    "limits.message_burst": _number,
    "limits.messages_per_second": _number,
    "limits.history_page": _number,
    "limits.waiting_per_speaker": _number,
    "limits.waiting_from_guests": _number,
}
"""The names, as in the settings file, and what makes a value of what a person types."""


def value_of(name: str, text: str) -> str:
    """Return what a person types for a setting as SettingsSet holds it; lists are words.

    Raise ValueError, in words for that person, of what is no shared setting or no such value.
    """
    make = SHARED.get(name)
    if make is None:
        raise ValueError(f"{name} is no setting that all nodes share")
    try:
        return json.dumps(make(text), ensure_ascii=False)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None
