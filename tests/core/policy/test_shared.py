"""What is the same on all nodes has a name and a kind of value."""

from __future__ import annotations

import pytest

from hubbub.core.policy.shared import SHARED, value_of


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("access", "invite", '"invite"'),
        ("accounts.scram", "False", "false"),
        ("channels.keep_limit", "5", "5"),
        ("limits.messages_per_second", "0.5", "0.5"),
        ("channels.keep", "#lobby #größe*", '["#lobby", "#größe*"]'),
        ("channels.keep", "", "[]"),
    ],
)
def test_what_is_typed_becomes_a_value(name: str, text: str, value: str) -> None:
    assert value_of(name, text) == value


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("data_dir", "/x", "data_dir is no setting that all nodes share"),
        ("accounts.scram", "yes", "accounts.scram must be true or false"),
        ("channels.keep_limit", "x", "channels.keep_limit must be a number"),
    ],
)
def test_what_is_none_is_refused_in_words(name: str, text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        value_of(name, text)


def test_no_secret_is_shared() -> None:
    assert not [name for name in SHARED if "password" in name and not name.endswith("_length")]
