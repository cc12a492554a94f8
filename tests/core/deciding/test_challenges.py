"""A text to sign with an SSH key is for one account, one server and one connection."""

from __future__ import annotations

import pytest

from hubbub.core.deciding.challenges import challenge, namespace_of
from hubbub.core.requests import Draw
from hubbub.irc.message import Message
from tests.core.world_harness import Client, Harness, code, shown


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect_as("ann", "ann")


def challenged(client: Client) -> list[str]:
    ctx = client.command_context(Message("KEY"))
    challenge(ctx, "ann")
    client.carry_out(ctx)
    return shown(client.take())


def test_the_text_names_the_account_and_how_it_is_signed_for_this_server(ann: Client) -> None:
    told, sign = challenged(ann)
    assert told == f"KEY CHALLENGE {ann.session.challenge}"
    assert ann.session.challenge == f"ann.{code(0).lower()}"
    assert f"'{ann.session.challenge}' | ssh-keygen -Y sign -n hubbub@hub.test " in sign


def test_a_new_text_ends_the_one_before_with_what_had_come_of_it(ann: Client) -> None:
    challenged(ann)
    ann.session.signature, before = "half of it", ann.session.challenge
    challenged(ann)
    assert ann.session.signature == ""
    assert ann.session.challenge != before


def test_nothing_is_told_before_the_code_has_been_drawn(ann: Client) -> None:
    ctx = ann.command_context(Message("KEY"))
    challenge(ctx, "ann")
    assert [type(one) for one in ctx.requests] == [Draw]
    assert ann.session.challenge == ""
    assert namespace_of(ctx) == "hubbub@hub.test"
