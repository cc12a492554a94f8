"""What all sections of the settings have in common."""

from collections.abc import Iterator
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo

RESTART: Final[JsonDict] = {"restart": True}
"""Marks a field whose new value a running server cannot take up."""
SECRET: Final[JsonDict] = {"secret": True}
"""Marks a field whose value is for no terminal and no log, and may stand in a file of its own: the
setting of the same name with `_file` behind it (see `secret_files`)."""


class Section(BaseModel):
    """Hold settings that belong together: frozen, strict, and without unknown keys."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
    )


def needs_restart(field: FieldInfo) -> bool:
    """Tell whether a running server cannot take up a new value."""
    return _is_marked(field, RESTART)


def is_secret(field: FieldInfo) -> bool:
    """Tell whether a value is shown to nobody."""
    return _is_marked(field, SECRET)


def table_of(field: FieldInfo) -> tuple[type[BaseModel] | None, bool]:
    """Return of what section a field is, None where of none; and whether it is many, by name."""
    kind: Any = field.annotation
    is_named = get_origin(kind) is dict
    if is_named:
        # Annotated[Section, ...], or the section itself.
        each = get_args(kind)[1]
        kind = (get_args(each) or (each,))[0]
    return (kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None), is_named


def secrets_of(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """Yield the paths of all secrets in a section, `*` for the names in a table of names."""
    for name, field in model.model_fields.items():
        table, is_named = table_of(field)
        if is_secret(field):
            yield (name,)
        elif table is not None:
            yield from ((name, *(["*"] if is_named else []), *path) for path in secrets_of(table))


def _is_marked(field: FieldInfo, mark: JsonDict) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and mark.items() <= extra.items()
