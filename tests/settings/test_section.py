"""What all sections of the settings have in common: frozen, strict, nothing unknown."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hubbub.settings.section import Section
from tests.settings.place import Place


class Room(Section):
    seats: int = 1
    open: bool = True


def test_what_was_settled_is_not_changed_afterwards(place: Place) -> None:
    with pytest.raises(ValueError, match="frozen"):
        place.load().limits.flood = False  # type: ignore[misc]


@pytest.mark.parametrize("value", ["1", 1.0, True])
def test_nothing_is_taken_for_a_number_that_is_none(value: object) -> None:
    with pytest.raises(ValidationError):
        Room.model_validate({"seats": value})


def test_nothing_unknown_is_passed_over() -> None:
    with pytest.raises(ValidationError, match="seat"):
        Room.model_validate({"seat": 2})


def test_what_was_given_does_not_stand_in_the_error() -> None:
    """It may be a secret in the wrong place."""
    with pytest.raises(ValidationError) as caught:
        Room.model_validate({"seats": "hunter2"})
    assert "hunter2" not in str(caught.value)
