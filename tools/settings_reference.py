"""The page docs/reference/settings.md, from the settings' own descriptions."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hubbub.settings import Address, Settings
from hubbub.settings.address import loopback
from hubbub.settings.section import is_secret, needs_restart
from hubbub.settings.sources import SUFFIX, variable

# Defaults that depend on the machine are described, not shown.
_COMPUTED = {
    ("data_dir",): "the platform's, such as `~/.local/share/hubbub`",
    ("limits", "password_checks"): "cores - 1, at least 1",
}

_HEAD = """\
# Settings

<!-- Written by `make docs` from src/hubbub/settings; change the descriptions there. -->

A server needs no settings. What is set is read from three places; a later one overrides:

1. a TOML file: `--config FILE`, or the variable `HUBBUB_CONFIG`, or `hubbub.toml` in the current
   directory, if there is one. Relative paths in it are meant from where the file is.
2. `.env` in the current directory.
3. the environment.

In the last two a setting is named `HUBBUB_` and its name in capitals, with two underscores for a
dot: `limits.flood` is `HUBBUB_LIMITS__FLOOD`. Lists are JSON, or separated by commas.
`IP_ADDRESS` and `PORT` are understood there too, as the address and the port of the TLS doors. They
win over `HUBBUB_DOORS__TLS` beside them, unless that is empty, which opens none; the log says what
came of it. `hubbub serve --data DIR` overrides `data_dir`.

Secrets can stand in files: where `mail.password_file` (`HUBBUB_MAIL__PASSWORD_FILE`) is listed
beside `mail.password`, it names a file that holds the secret and nothing else, at most 1024 bytes.
The end of its line is left out, and an empty name is none. Given both, the start is refused.

Variables that Kubernetes sets for a Service whose name begins with `hubbub` (`HUBBUB_PORT=tcp://...`,
`HUBBUB_SERVICE_HOST`) are passed over.

A key that does not exist, a value of the wrong type or out of bounds, and settings that contradict
each other stop the start with one line that names the setting, and exit code 2. Numbers and `true`
or `false` in TOML are written without quotes.

*live*: taken up by a running server on SIGHUP or REHASH. The others need a restart.
"""


def render() -> str:
    """Return the whole page, as Markdown."""
    parts = [_HEAD, "\n## Top level\n\n", _table((), Settings)]
    for name, field in Settings.model_fields.items():
        section = _section(field)
        if section is not None:
            purpose = inspect.getdoc(section) or ""
            parts.append(f"\n## [{name}]\n\n{purpose}\n\n{_table((name,), section)}")
    return "".join(parts)


def _table(path: tuple[str, ...], section: type[BaseModel]) -> str:
    rows = [
        "| setting | variable | type | default | live | |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, field in section.model_fields.items():
        if _section(field) is None:
            names = [(*path, name), *([(*path, name + SUFFIX)] if is_secret(field) else [])]
            cells = (
                ", ".join(f"`{'.'.join(each)}`" for each in names),
                ", ".join(f"`{variable(each)}`" for each in names),
                _type(field),
                _default((*path, name), field),
                "" if needs_restart(field) else "yes",
                field.description or "",
            )
            rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def _section(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _type(field: FieldInfo) -> str:
    kind: Any = field.annotation
    if get_origin(kind) is Literal:
        return ", ".join(f'`"{choice}"`' for choice in get_args(kind))
    names = {bool: "true or false", int: "whole number", float: "number", str: "text", Path: "path"}
    if get_origin(kind) is tuple:
        return "list of addresses" if get_args(kind)[0] is Address else "list of texts"
    if get_origin(kind) is dict:
        return "table"
    if kind not in names:
        kind = next(each for each in get_args(kind) if each is not type(None))
    return names.get(kind, "text") + _bounds(field)


def _bounds(field: FieldInfo) -> str:
    return "".join(_bound(limit) for limit in field.metadata)


def _bound(limit: object) -> str:
    match limit:
        case Ge(ge=bound):
            return f", from {bound}"
        case Gt(gt=bound):
            return f", above {bound}"
        case Le(le=bound):
            return f" to {bound}"
    return ""


def _default(path: tuple[str, ...], field: FieldInfo) -> str:
    if path in _COMPUTED:
        return _COMPUTED[path]
    return f"`{_toml(field.get_default(call_default_factory=True))}`".replace("``", "")


def _toml(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        if value and isinstance(value[0], Address) and value == loopback(value[0].port):
            value = (f"localhost:{value[0].port}",)
        return f"[{', '.join(_items(value))}]"
    return "{}" if value == {} else str(value)


def _items(values: tuple[Any, ...]) -> Iterator[str]:
    return (f'"{value}"' for value in values)
