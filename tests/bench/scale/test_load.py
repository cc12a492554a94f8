"""Who is there and what they do."""

from __future__ import annotations

import pytest

from hubbub.bench.scale.load import LOADS, Load


def test_all_together_say_as_much_as_each() -> None:
    assert Load("x", 20, 10).messages(1_000) == pytest.approx(50)


def test_a_channel_has_no_more_members_than_there_are_people() -> None:
    assert Load("x", 20, 10).heard_by(4) == 4
    assert Load("x", 20, 10).heard_by(400) == 10
    assert Load("x", 20, 0, whole=True).heard_by(400) == 400


def test_each_load_has_a_name_of_its_own() -> None:
    names = [load.name.split(":")[0] for load in LOADS]
    assert len(set(names)) == len(names)
