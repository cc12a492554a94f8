"""What a person has set: kept from one run to the next, changed with /set and /ignore."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

from hubbub.client.errors import PreferenceError

Bell = Literal["mention", "all", "off"]
Notices = Literal["fold", "all", "off"]
Switch = Literal["on", "off"]

_HISTORY: Final = 500


@dataclass(frozen=True, slots=True)
class Preferences:
    """Hold what can be set, and the ignored masks."""

    bell: Bell = "mention"
    notices: Notices = "fold"
    times: Switch = "on"
    colours: Switch = "on"
    plain: Switch = "off"
    history: int = 50
    highlights: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preference:
    """Describe one that /set can change: its values, "" for a free text, and what it is for."""

    name: str
    values: tuple[str, ...]
    summary: str


TABLE: Final = (
    Preference("bell", ("mention", "all", "off"), "when the terminal's bell rings"),
    Preference(
        "notices",
        ("fold", "all", "off"),
        "who comes and goes: many in one line, each and of before too, or not",
    ),
    Preference("times", ("on", "off"), "the time before each line, and each new day"),
    Preference("colours", ("on", "off"), "colours; NO_COLOR in the environment turns them off too"),
    Preference("plain", ("on", "off"), "lines one after the other, for screen readers"),
    Preference("history", (), f"how many messages to load on joining, 0 to {_HISTORY}"),
    Preference("highlights", (), "words that count as a mention, with commas between them"),
)


def show(preferences: Preferences, name: str) -> str:
    """Return a preference's value as /set takes it."""
    value = getattr(preferences, name)
    return ",".join(value) if isinstance(value, tuple) else str(value)


def change(preferences: Preferences, name: str, value: str) -> Preferences:
    """Return the preferences with one changed. Raises PreferenceError."""
    known = next((each for each in TABLE if each.name == name), None)
    if known is None:
        names = ", ".join(each.name for each in TABLE)
        raise PreferenceError(f"there is no setting {name}; there are {names}")
    changed: dict[str, Any] = {name: _read(known, value)}
    return replace(preferences, **changed)


def _read(preference: Preference, value: str) -> str | int | tuple[str, ...]:
    if preference.values:
        if value not in preference.values:
            raise PreferenceError(f"{preference.name} is one of {', '.join(preference.values)}")
        return value
    if preference.name == "history":
        if not (value.isascii() and value.isdigit() and len(value) < 5 and int(value) <= _HISTORY):
            raise PreferenceError(f"history is a number from 0 to {_HISTORY}")
        return int(value)
    return tuple(word.strip() for word in value.split(",") if word.strip())


def dump(preferences: Preferences) -> str:
    """Return the preferences as JSON."""
    return json.dumps(asdict(preferences), indent=2, ensure_ascii=False) + "\n"


def load(text: str) -> Preferences:
    """Read what `dump` wrote; what is missing, unknown or wrong has its default."""
    try:
        found = json.loads(text)
    except ValueError:
        return Preferences()
    preferences = Preferences()
    if not isinstance(found, Mapping):
        return preferences
    for each in TABLE:
        value = found.get(each.name)
        if value is None:
            continue
        given = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        try:
            preferences = change(preferences, each.name, given)
        except PreferenceError:
            continue
    ignored = found.get("ignored")
    if isinstance(ignored, list):
        preferences = replace(preferences, ignored=tuple(map(str, ignored)))
    return preferences
