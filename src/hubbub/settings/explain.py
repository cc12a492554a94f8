"""From a failed check to one line that names the setting and the mend."""

import difflib
import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from hubbub.settings.model import Settings
from hubbub.settings.section import is_secret, secrets_of, table_of
from hubbub.settings.sources import SUFFIX, Source

_EXPECTED = {
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be text in quotes",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "is_instance_of": "must be a path in quotes",
    "path_type": "must be a path in quotes",
}


def explain(error: ValidationError, sources: Sequence[Source]) -> str:
    """Return one line about the first thing wrong: where it is, its name, what it must be."""
    details = error.errors(include_url=False)[0]
    path = _path(details)
    source = next((source for source in reversed(sources) if source.holds(path)), None)
    where, name = (source.where, source.name(path)) if source else ("--data", "data_dir")
    if details["type"] == "extra_forbidden":
        return f"{where}: {name} is no setting{_suggestion(path, source)}"
    return f"{where}: {name} {_problem(details, path)}"


def _path(details: ErrorDetails) -> tuple[str, ...]:
    """Return the setting's path: what pydantic adds inside unions and items is left out."""
    parts: list[str] = []
    model: Any = Settings
    for part in details["loc"]:
        # A number is a place in a list, "[key]" stands for the name in a table of names.
        if not isinstance(part, str) or part == "[key]":
            break
        parts.append(part)
        if not isinstance(model, type) or not issubclass(model, BaseModel):
            break
        field = model.model_fields.get(part)
        if field is None:
            break
        is_table = isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        # What follows names a branch of a union or a validator; but operators have names below.
        if not is_table and part != "operators":
            break
        model = field.annotation
    return tuple(parts)


def _problem(details: ErrorDetails, path: tuple[str, ...]) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    # What was given helps to see the slip, but a secret would stand in a log from then on.
    given = "" if _may_be_secret(path) else f", not {_shown(details['input'])}"
    if kind == "literal_error":
        return f"must be {str(context['expected']).replace(chr(39), chr(34))}{given}"
    if kind == "greater_than_equal":
        return f"must be at least {context['ge']}{given}"
    if kind == "greater_than":
        return f"must be more than {context['gt']}{given}"
    if kind == "less_than_equal":
        return f"must be at most {context['le']}{given}"
    return _EXPECTED.get(kind, f"is wrong ({details['msg']})") + given


def _may_be_secret(path: tuple[str, ...]) -> bool:
    """Tell whether what stands at a path is a secret, or should hold one somewhere below."""
    return any(
        all(part in ("*", given) for part, given in zip(secret, path, strict=False))
        for secret in secrets_of(Settings)
    )


def _shown(value: Any) -> str:
    try:
        text = json.dumps(value)
    except (TypeError, ValueError):
        text = str(value)
    text = text if text.isprintable() else ascii(text)
    return text if len(text) <= 80 else text[:77] + "..."


def _suggestion(path: tuple[str, ...], source: Source | None) -> str:
    known = {".".join(each): each[-1] for each in _known((), Settings)}
    # The right name in the wrong table is a likelier slip than a wrong name.
    close = [name for name, last in known.items() if last == path[-1]]
    close = close or difflib.get_close_matches(".".join(path), known, 1, 0.6)
    if not close:
        return "; remove it (docs/reference/settings.md lists all)"
    found = tuple(close[0].split("."))
    return f"; did you mean {source.name(found) if source else close[0]}?"


def _known(prefix: tuple[str, ...], model: type[BaseModel]) -> list[tuple[str, ...]]:
    paths = []
    for name, field in model.model_fields.items():
        paths.append((*prefix, name))
        table, is_named = table_of(field)
        if is_secret(field):
            paths.append((*prefix, name + SUFFIX))
        elif table is not None and not is_named:
            paths += _known((*prefix, name), table)
    return paths
