"""What is left of each window, both ways."""

from __future__ import annotations

from hubbub.wire.decoding.ssh import names
from hubbub.wire.decoding.ssh.messages import Facts
from hubbub.wire.decoding.ssh.windows import CHANNELS, ChannelWindows
from hubbub.wire.seen import Way

LEFT = "left of the window"


def opened() -> ChannelWindows:
    """Return a channel that the client calls 3 and the server 7, with 100 bytes each way."""
    windows = ChannelWindows()
    ours: Facts = [("number here", 3), ("window", "100 bytes may be sent")]
    theirs: Facts = [("channel", 3), ("number here", 7), ("window", "100 bytes may be sent")]
    windows.follow(names.CHANNEL_OPEN, ours, Way.SENT)
    windows.follow(names.CHANNEL_OPEN_CONFIRMATION, theirs, Way.RECEIVED)
    return windows


def test_data_takes_from_its_own_way_only() -> None:
    windows = opened()
    to_server: Facts = [("channel", 7), ("data", "30 bytes")]
    to_client: Facts = [("channel", 3), ("data", "10 bytes")]
    assert windows.follow(names.CHANNEL_DATA, to_server, Way.SENT) == [(LEFT, "70 bytes")]
    assert windows.follow(names.CHANNEL_DATA, to_client, Way.RECEIVED) == [(LEFT, "90 bytes")]


def test_a_grant_is_for_what_comes_from_the_other_side() -> None:
    windows = opened()
    grant: Facts = [("channel", 7), ("more bytes granted", 50)]
    assert windows.follow(names.CHANNEL_WINDOW_ADJUST, grant, Way.SENT) == [(LEFT, "150 bytes")]
    data: Facts = [("channel", 3), ("data", "10 bytes")]
    assert windows.follow(names.CHANNEL_DATA, data, Way.RECEIVED) == [(LEFT, "140 bytes")]


def test_of_what_was_not_opened_nothing_is_said() -> None:
    facts: Facts = [("channel", 1), ("data", "1 bytes")]
    assert opened().follow(names.CHANNEL_DATA, facts, Way.SENT) == []
    assert opened().follow(names.CHANNEL_DATA, [], Way.SENT) == []


def test_there_is_a_bound() -> None:
    windows = ChannelWindows()
    for channel in range(CHANNELS + 10):
        facts: Facts = [("number here", channel), ("window", "1 bytes")]
        windows.follow(names.CHANNEL_OPEN, facts, Way.SENT)
    known: Facts = [("channel", 0), ("data", "1 bytes")]
    beyond: Facts = [("channel", CHANNELS + 1), ("data", "1 bytes")]
    assert windows.follow(names.CHANNEL_DATA, known, Way.RECEIVED)
    assert not windows.follow(names.CHANNEL_DATA, beyond, Way.RECEIVED)
