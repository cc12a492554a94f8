"""Where settings are written: a TOML file, a `.env` file, the environment.

Each becomes a `Source`: a tree of raw values and the way to name one of them in a message.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, TypeGuard, get_args, get_origin

from dotenv.parser import parse_stream
from pydantic import BaseModel

from hubbub.settings.error import SettingsError
from hubbub.settings.model import Settings
from hubbub.settings.section import is_secret, table_of
from hubbub.settings.service_links import is_service_link
from hubbub.settings.values import expanded
from hubbub.whole_files import FileUnusable, read_whole

PREFIX = "HUBBUB_"
DELIMITER = "__"

# Of the same prefix, but not settings of the server.
_RESERVED = ("HUBBUB_CHAT_", "HUBBUB_BENCH_", "HUBBUB_TEST_")
CONFIG = "HUBBUB_CONFIG"
FILE_BYTES = 1 << 20
"""How long a file of settings may be; of more nothing is read."""
SUFFIX = "_file"
"""What stands behind the name of a secret where a file is named that holds it."""
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Hold what one place says, not yet checked.

    `where` names the place; `variables` tells whether settings there are named as environment
    variables. `address` and `port` are the plain IP_ADDRESS and PORT, or None. `passed_over` names
    the variables that look like settings, but were set by Kubernetes.
    """

    where: str
    tree: Tree
    variables: bool = False
    address: str | None = None
    port: str | None = None
    passed_over: tuple[str, ...] = ()

    def name(self, path: tuple[str, ...]) -> str:
        """Return a setting's name as it is written in this place."""
        return variable(path) if self.variables else ".".join(path)

    def holds(self, path: tuple[str, ...]) -> bool:
        """Tell whether this place says something about a setting."""
        node: Any = self.tree
        for part in path:
            if not isinstance(node, dict):
                return True
            if part not in node:
                return False
            node = node[part]
        return True


def variable(path: tuple[str, ...]) -> str:
    """Return the environment variable of a setting: `limits.flood` is HUBBUB_LIMITS__FLOOD."""
    return PREFIX + DELIMITER.join(path).upper()


def read_toml(path: Path) -> Source:
    """Read a TOML file. Raises SettingsError when it cannot be read or is not TOML."""
    try:
        tree = tomllib.loads(_read(path, "--config"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}; mend that line") from None
    except RecursionError:
        raise SettingsError(f"{path} nests values too deep; no setting needs that") from None
    _take_from(path.parent, tree, Settings)
    return Source(str(path), tree)


def _take_from(directory: Path, tree: Tree, model: type[BaseModel]) -> None:
    """Have the relative paths in a file meant from where it is, not from where the server starts.

    Which settings are paths is known from their types; what is none of these is refused later.
    """
    for name, field in model.model_fields.items():
        value, kind = tree.get(name), field.annotation
        table, is_named = table_of(field)
        if table is not None and isinstance(value, dict):
            for each in value.values() if is_named else (value,):
                if isinstance(each, dict):
                    _take_from(directory, each, table)
        elif name in tree and Path in (kind, *get_args(kind)):
            tree[name] = _from(directory, value)
        if is_secret(field) and name + SUFFIX in tree:
            tree[name + SUFFIX] = _from(directory, tree[name + SUFFIX])


def _from(directory: Path, value: Any) -> Any:
    if isinstance(value, list):
        return [_from(directory, item) for item in value]
    if not isinstance(value, str) or value == "":
        return value
    try:
        return str(directory / expanded(value))
    except ValueError:
        # It is refused where it is checked, by its name.
        return value


def working_directory() -> Path:
    """Return where `.env` is looked for. Raise SettingsError where it has been removed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise SettingsError("the current directory has been removed; go to another one") from None


def is_there(path: Path) -> bool:
    """Say whether a file can be found; in a directory that may not be looked into, none can."""
    try:
        return path.exists()
    except OSError:
        return False


def read_dotenv(path: Path) -> Source:
    """Read a `.env` file; a missing one says nothing. Raises SettingsError when it is broken."""
    if not is_there(path):
        return Source(str(path), {}, variables=True)
    values: dict[str, str] = {}
    for binding in parse_stream(StringIO(_read(path, "the file"))):
        if binding.error:
            line = binding.original.line
            raise SettingsError(f"{path}: line {line} is not NAME=value; mend or remove it")
        if binding.key is not None and binding.value is not None:
            values[binding.key] = binding.value
    return from_variables(str(path), values)


def from_variables(where: str, values: Mapping[str, str]) -> Source:
    """Read settings from variables such as HUBBUB_DOORS__TLS; others are not looked at."""
    tree: Tree = {}
    passed_over = []
    for name in sorted(values):
        if not name.startswith(PREFIX) or name.startswith(_RESERVED) or name == CONFIG:
            continue
        path = tuple(name[len(PREFIX) :].lower().split(DELIMITER))
        if _annotation(path) is None and is_service_link(name, values[name]):
            passed_over.append(name)
        else:
            _put(tree, path, _typed(path, values[name]))
    return Source(
        where,
        tree,
        variables=True,
        address=values.get("IP_ADDRESS") or None,
        port=values.get("PORT") or None,
        passed_over=tuple(passed_over),
    )


def merge(low: Tree, high: Tree) -> Tree:
    """Return both trees as one; where both say something, `high` wins."""
    merged = dict(low)
    for key, value in high.items():
        below = merged.get(key)
        both = isinstance(below, dict) and isinstance(value, dict)
        merged[key] = merge(below, value) if both else value  # type: ignore[arg-type]
    return merged


def _read(path: Path, setting: str) -> str:
    try:
        text = read_whole(path, FILE_BYTES).decode()
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except FileUnusable as error:
        raise SettingsError(f"{setting} {path} {error}") from None
    # As Python reads text everywhere.
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _put(tree: Tree, path: tuple[str, ...], value: Any) -> None:
    for part in path[:-1]:
        below = tree.setdefault(part, {})
        if not isinstance(below, dict):
            below = tree[part] = {}
        tree = below
    tree[path[-1]] = value


def _typed(path: tuple[str, ...], text: str) -> Any:
    """Return text as what its setting expects; what does not fit stays text and is refused."""
    annotation = _annotation(path)
    # Unknown names are told of later, together with a suggestion.
    if annotation is None:
        return text
    # Only here, where everything is text: in the TOML file a "true" in quotes is a slip.
    if annotation is bool:
        word = text.strip().lower()
        return True if word in _TRUE else False if word in _FALSE else text
    if annotation in (int, float):
        return _number(text, annotation)
    if get_origin(annotation) is tuple:
        return _items(text)
    return text


def _annotation(path: tuple[str, ...]) -> Any:
    """Return of what type a setting is, None where there is no such."""
    found: Any = Settings
    for part in path:
        field = found.model_fields.get(part) if _is_model(found) else None
        found = field.annotation if field is not None else None
    return found


def _is_model(model: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(model, type) and issubclass(model, BaseModel)


def _number(text: str, kind: Any) -> Any:
    try:
        return kind(text)
    except ValueError:
        return text


def _items(text: str) -> list[Any]:
    """Split a list: JSON when it is, otherwise at commas (`[::1]:6697` is no JSON)."""
    if text.lstrip().startswith("["):
        try:
            items = json.loads(text)
        except (ValueError, RecursionError):
            pass
        else:
            return items if isinstance(items, list) else [text]
    return [item.strip() for item in text.split(",") if item.strip()]
