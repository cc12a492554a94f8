"""Operators of each class by their accounts, for tests of what they can do on a bad day."""

from __future__ import annotations

from hubbub.core.records.accounts import AccountSet
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Draft
from hubbub.irc.message import Message
from tests.core.world_harness import Client, Harness


def operator(harness: Harness, name: str, kind: str, *caps: str, by: str = "console") -> Client:
    """Return a client whose account is an operator of a class."""
    harness.account(name)
    origin = Origin(SessionId(1, harness.epoch, 0), 1)
    harness.append(Draft(AccountSet(origin, name, "operator", kind, by)))
    harness.settle()
    return harness.connect_as(name, name, *caps)


def failure(messages: list[Message]) -> str:
    """Return the code of the one FAIL among answers."""
    (fail,) = [message for message in messages if message.command == "FAIL"]
    return fail.params[1]
