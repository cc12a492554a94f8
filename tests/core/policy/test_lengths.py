"""What is longer than ISUPPORT tells is cut, or refused; what is as long is kept as it is."""

from __future__ import annotations

import pytest

from hubbub.core.policy import lengths
from tests.core.world_harness import Harness, shown

TOPIC, AWAY = "t" * lengths.TOPIC_BYTES, "a" * lengths.AWAY_BYTES


def told(harness: Harness) -> dict[str, str]:
    lines = shown(harness.connect("cy").send("VERSION"))
    tokens = [token for line in lines if line.startswith("005 ") for token in line.split(" ")]
    return dict(token.split("=", 1) for token in tokens if "=" in token)


def test_what_holds_is_told(harness: Harness) -> None:
    tokens = told(harness)
    assert int(tokens["TOPICLEN"]) == lengths.TOPIC_BYTES
    assert int(tokens["KICKLEN"]) == lengths.KICK_BYTES
    assert int(tokens["AWAYLEN"]) == lengths.AWAY_BYTES
    assert int(tokens["KEYLEN"]) == lengths.KEY_BYTES
    assert int(tokens["NAMELEN"]) == lengths.REALNAME_BYTES


@pytest.mark.parametrize("more", ["", "x"])
def test_a_topic_and_a_reason_to_be_away_are_cut_there(harness: Harness, more: str) -> None:
    ann = harness.connect("ann")
    for line in ("JOIN #a", f"TOPIC #a :{TOPIC}{more}", f"AWAY :{AWAY}{more}"):
        ann.send(line)
    assert harness.world.channels["#a"].topic == TOPIC
    assert harness.world.users["ann"].away == AWAY


def test_a_longer_key_is_none(harness: Harness) -> None:
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    ann.send(f"MODE #a +k {'k' * lengths.KEY_BYTES}")
    assert harness.world.channels["#a"].key == "k" * lengths.KEY_BYTES
    ann.send("MODE #a -k *")
    ann.send(f"MODE #a +k {'k' * (lengths.KEY_BYTES + 1)}")
    assert harness.world.channels["#a"].key == ""
