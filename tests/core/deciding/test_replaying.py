"""Who is shown, unasked, what was said while it was not here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.deciding.replaying import replay_channel, replay_direct
from hubbub.core.requests import Replay, ReplayDirect, Request
from hubbub.irc import capabilities as cap
from hubbub.irc.message import Message
from tests.core.commands.operators_at_hand import operator
from tests.core.world_harness import POLICY, Client, Harness

TO = frozenset({"accounts", "guests", "untimed"})


def shown(harness: Harness, client: Client, *replay_to: str, replay: int = 50) -> list[Request]:
    """Return what is asked to be shown of #a and of direct messages, under a policy."""
    harness.policy = replace(POLICY, replay_to=frozenset(replay_to), replay=replay)
    ctx = client.command_context(Message("JOIN"))
    replay_channel(ctx, harness.world.channels["#a"])
    replay_direct(ctx)
    return ctx.requests


@pytest.fixture
def guest(harness: Harness) -> Client:
    guest = harness.connect("guest")
    guest.send("JOIN #a")
    return guest


@pytest.fixture
def ann(harness: Harness, guest: Client) -> Client:
    return harness.connect_as("ann", "ann")


def test_each_kind_of_people_is_shown_it_where_the_settings_say_so(
    harness: Harness, guest: Client, ann: Client
) -> None:
    channel = harness.world.channels["#a"]
    for client, kind in ((guest, "guests"), (ann, "accounts")):
        direct = [ReplayDirect(POLICY.history_page)] if client is ann else []
        assert shown(harness, client, kind, "untimed") == [Replay(channel, 50), *direct]
        assert shown(harness, client, *(TO - {kind})) == direct
        assert shown(harness, client, *TO, replay=0) == direct


def test_who_could_not_tell_old_from_new_is_shown_it_only_where_that_is_wanted(
    harness: Harness, guest: Client
) -> None:
    assert shown(harness, guest, "guests") == []
    guest.session.caps |= cap.SERVER_TIME
    assert len(shown(harness, guest, "guests")) == 1


def test_who_can_ask_or_only_passes_by_is_shown_nothing(harness: Harness, ann: Client) -> None:
    for capability in (cap.CHATHISTORY, cap.QUIET):
        ann.session.caps = capability
        assert shown(harness, ann, *TO) == []


@pytest.mark.parametrize("how", ["class", "mode"])
def test_a_program_is_shown_nothing_that_it_might_take_for_a_command(
    harness: Harness, guest: Client, how: str
) -> None:
    if how == "class":
        bot = operator(harness, "bot", "bot")
    else:
        bot = harness.connect_as("bot", "bot")
        bot.send("MODE bot +B")
    assert shown(harness, bot, *TO) == []
    assert len(shown(harness, bot, "bots", *TO)) == 2
