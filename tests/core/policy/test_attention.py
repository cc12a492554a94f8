"""What an account wants of a conversation, as the keys of soju and ours see it."""

from __future__ import annotations

import pytest

from hubbub.core.policy.attention import DEFAULT, LEVEL, MUTED, PINNED, Attention


@pytest.mark.parametrize(
    ("before", "key", "value", "after"),
    [
        (DEFAULT, MUTED, "1", Attention("nothing")),
        (Attention("nothing"), MUTED, "0", DEFAULT),
        (Attention("mentions"), MUTED, "0", Attention("mentions")),
        (Attention("mentions", True), MUTED, None, Attention("mentions", True)),
        (DEFAULT, PINNED, "1", Attention("all", True)),
        (Attention("mentions", True), PINNED, None, Attention("mentions")),
        (DEFAULT, LEVEL, "mentions", Attention("mentions")),
        (Attention("nothing", True), LEVEL, None, Attention("all", True)),
        (DEFAULT, LEVEL, "some", None),
        (DEFAULT, MUTED, "yes", None),
    ],
)
def test_a_key_changes_what_it_stands_for(
    before: Attention, key: str, value: str | None, after: Attention | None
) -> None:
    assert before.changed(key, value) == after


def test_each_key_has_a_value_always() -> None:
    held = Attention("nothing", True)
    assert [held.value(key) for key in (MUTED, PINNED, LEVEL)] == ["1", "1", "nothing"]
    assert [DEFAULT.value(key) for key in (MUTED, PINNED, LEVEL)] == ["0", "0", "all"]
