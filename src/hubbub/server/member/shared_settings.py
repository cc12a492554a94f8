"""The settings that all nodes of a cluster share: what a file says of them, and what holds."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from hubbub.core.policy.shared import SHARED
from hubbub.settings.model import Settings


def shared_values(settings: Settings) -> dict[str, str]:
    """Return the shared settings by their names, as JSON."""
    return {name: json.dumps(_held(settings, name), ensure_ascii=False) for name in SHARED}


def following(settings: Settings, values: Mapping[str, str]) -> tuple[Settings, tuple[str, ...]]:
    """Return a node's settings with the `values` that hold for all; and the names of bad ones.

    What this program cannot take it passes over, as every node with it does: a later one may have
    written that.
    """
    bad = []
    for name, text in values.items():
        try:
            settings = _with(settings, name, json.loads(text))
        except (ValidationError, ValueError, LookupError):
            bad.append(name)
    return settings, tuple(bad)


def differing(settings: Settings, values: Mapping[str, str]) -> tuple[str, ...]:
    """Name the shared settings of which a node's own say something else than holds."""
    own = shared_values(settings)
    return tuple(name for name, text in values.items() if own.get(name, text) != text)


def _held(settings: Settings, name: str) -> Any:
    held: Any = settings
    for part in name.split("."):
        held = getattr(held, part)
    return held


def _with(settings: Settings, name: str, value: object) -> Settings:
    if name not in SHARED:
        raise LookupError(name)
    *section, field = name.split(".")
    within: BaseModel = _held(settings, section[0]) if section else settings
    # Alone: what else there is has been checked, and is held in other forms than it is written in.
    # But for where the data are: where nobody says it a home is looked for, and there may be none.
    there = {} if section else {"data_dir": settings.data_dir}
    checked = type(within).model_validate({**there, field: value})
    changed = within.model_copy(update={field: getattr(checked, field)})
    return changed if not section else settings.model_copy(update={section[0]: changed})  # type: ignore[return-value]
