"""One setting by itself, as an operator types it, checked as in a file of settings."""

from __future__ import annotations

import json
import tomllib
from typing import Any

from pydantic import ValidationError

from hubbub.settings.error import SettingsError
from hubbub.settings.explain import explain
from hubbub.settings.model import Settings
from hubbub.settings.section import is_secret, table_of
from hubbub.settings.sources import Source


def checked_value(name: str, text: str) -> str:
    """Return a setting's value as CLUSTER SET takes it; text need not be in quotes.

    Lists are words there (hubbub.core.policy.shared). Raise SettingsError.

    A secret is none of those that can be given so.
    """
    path = tuple(name.split("."))
    if _is_secret(path):
        raise SettingsError(f"{name} is a secret, which no record may hold; set it in each file")
    value = _value(text)
    tree: dict[str, Any] = {path[-1]: value}
    for part in reversed(path[:-1]):
        tree = {part: tree}
    try:
        Settings.model_validate(tree)
    except ValidationError as error:
        raise SettingsError(explain(error, [Source("the value", tree)])) from None
    return _typed(value)


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _value(text: str) -> Any:
    """Return what a text is in TOML, or the text itself."""
    try:
        held = tomllib.loads(f"value = {text}")
        # More than one line of it would be more than one setting.
        value = held["value"] if held.keys() == {"value"} else text
        json.dumps(value)
    except (tomllib.TOMLDecodeError, TypeError, RecursionError):
        return text
    return value


def _is_secret(path: tuple[str, ...]) -> bool:
    model: Any = Settings
    parts = iter(path)
    for part in parts:
        field = model.model_fields.get(part) if model is not None else None
        if field is None:
            return False
        if is_secret(field):
            return True
        model, is_named = table_of(field)
        if is_named:
            next(parts, None)
    return False
