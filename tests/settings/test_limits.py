"""Bounds of everything that a client could make grow, which are bounded themselves."""

from __future__ import annotations

import os
from typing import Any

import pytest
from annotated_types import Ge, Gt, Le
from pydantic import ValidationError

from hubbub.settings.limits import Limits, default_password_checks

NUMBERS = {
    name: field for name, field in Limits.model_fields.items() if field.annotation is not bool
}


def bound(name: str, *kinds: type) -> Any:
    """Return a bound of a limit of one of these kinds."""
    (found,) = [one for one in NUMBERS[name].metadata if isinstance(one, kinds)]
    return next(getattr(found, word) for word in ("ge", "gt", "le") if hasattr(found, word))


@pytest.mark.parametrize("name", NUMBERS)
def test_no_limit_is_without_limits(name: str) -> None:
    least, most = bound(name, Ge, Gt), bound(name, Le)
    default = getattr(Limits(), name)
    assert least <= default <= most
    for beyond in (least - 1, most + 1):
        with pytest.raises(ValidationError):
            Limits.model_validate({name: type(default)(beyond)})


@pytest.mark.parametrize("name", NUMBERS)
def test_its_bounds_themselves_may_be_set(name: str) -> None:
    default = getattr(Limits(), name)
    allowed = [bound(name, Le)]
    if any(isinstance(one, Ge) for one in NUMBERS[name].metadata):
        allowed.append(bound(name, Ge))
    for value in map(type(default), allowed):
        assert getattr(Limits.model_validate({name: value}), name) == value


@pytest.mark.parametrize(("cores", "checks"), [(None, 1), (1, 1), (2, 1), (8, 7)])
def test_one_core_stays_free_for_everybody_else(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, checks: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert default_password_checks() == checks
    assert Limits().password_checks == checks
