"""What a person cares about: which messages are one's own, and which are still to be read."""

from __future__ import annotations

import pytest

from hubbub.client.events import ChatMessage, DeliveryStatus, Speech

RECEIVED, CONFIRMED, FAILED, UNSURE = DeliveryStatus


def said(delivery: DeliveryStatus, old: bool = False, unread: bool = False) -> ChatMessage:
    return ChatMessage("#c", "ann", "x", Speech.MESSAGE, 0.0, delivery, old=old, unread=unread)


@pytest.mark.parametrize("delivery", [CONFIRMED, FAILED, UNSURE])
def test_whatever_became_of_it_what_one_said_is_ones_own_and_never_unread(
    delivery: DeliveryStatus,
) -> None:
    assert said(delivery).own
    assert not said(delivery, old=True, unread=True).counts
    assert not said(delivery).counts


@pytest.mark.parametrize(
    ("old", "unread", "counts"),
    [(False, False, True), (True, True, True), (True, False, False)],
)
def test_what_others_said_counts_until_a_device_has_shown_it(
    old: bool, unread: bool, counts: bool
) -> None:
    assert not said(RECEIVED).own
    assert said(RECEIVED, old, unread).counts is counts
