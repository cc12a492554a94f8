"""From the places where settings are written to one checked tree."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from hubbub.settings.address import Address, parse_host, parse_port
from hubbub.settings.error import SettingsError
from hubbub.settings.explain import explain
from hubbub.settings.mail import with_mail_password
from hubbub.settings.model import DoorSettings, Settings
from hubbub.settings.protection import refuse_unprotected
from hubbub.settings.sources import (
    Source,
    from_variables,
    is_there,
    merge,
    read_dotenv,
    read_toml,
)

_MOTD_BYTES = 65536
HEALTH = "doors.health"
Parsed = TypeVar("Parsed")
_Given = tuple[str, str]
"""A text, and where it stands."""


def load_settings(
    config: Path | None, data: Path | None, environ: Mapping[str, str], cwd: Path
) -> Settings:
    """Read, merge and check the settings.

    The environment overrides `.env` in `cwd`, which overrides the TOML file: `config`, or
    HUBBUB_CONFIG, or `hubbub.toml` in `cwd` where there is one. `data` overrides `data_dir` from
    anywhere. Raises SettingsError.
    """
    sources = _sources(config, environ, cwd)
    settings = _checked(_merged(sources, data), sources)
    settings, tls_name = _with_address_and_port(settings, sources)
    settings = _with_absolute_paths(settings, cwd)
    _refuse_halves(settings)
    refuse_unprotected(settings, tls_name)
    return with_mail_password(_with_motd(settings), sources)


def find_data_dir(
    config: Path | None, data: Path | None, environ: Mapping[str, str], cwd: Path
) -> Path:
    """Return the data directory alone, whatever else is set; as above, and raises SettingsError.

    So whoever talks to a running server need not have all that the server needed to start: a
    password in the `.env` of another directory, or settings that are just being changed. Where the
    directory is given nothing is read: who asks why the settings were refused has to get through.
    """
    sources = _sources(config, environ, cwd) if data is None else []
    tree = _merged(sources, data)
    only = {"data_dir": tree["data_dir"]} if "data_dir" in tree else {}
    return cwd / _checked(only, sources).data_dir


def _merged(sources: Sequence[Source], data: Path | None) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for source in sources:
        tree = merge(tree, source.tree)
    return tree if data is None else {**tree, "data_dir": str(data)}


def _checked(tree: dict[str, Any], sources: Sequence[Source]) -> Settings:
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        raise SettingsError(explain(error, sources)) from None


def restart_needed(old: Settings, new: Settings) -> tuple[str, ...]:
    """Name the settings that differ and that a running server cannot take up."""
    return tuple(_differing((), old, new))


def _sources(config: Path | None, environ: Mapping[str, str], cwd: Path) -> list[Source]:
    """Return the places to read, the weakest first."""
    named = config or (Path(environ["HUBBUB_CONFIG"]) if environ.get("HUBBUB_CONFIG") else None)
    sources = []
    if named is not None:
        sources.append(read_toml(cwd / named.expanduser()))
    elif is_there(cwd / "hubbub.toml"):
        sources.append(read_toml(cwd / "hubbub.toml"))
    sources.append(read_dotenv(cwd / ".env"))
    sources.append(from_variables("the environment", environ))
    return sources


def _with_address_and_port(settings: Settings, sources: Sequence[Source]) -> tuple[Settings, str]:
    """Let IP_ADDRESS and PORT replace those parts of the TLS doors; name what settled them.

    HUBBUB_DOORS__TLS in the same place or a stronger one says more, and wins.
    """
    address, port = _parts_of_doors(sources)
    if address is None and port is None:
        return settings, "doors.tls"
    host = None if address is None else _parsed(parse_host, "IP_ADDRESS", *address)
    number = None if port is None else _parsed(parse_port, "PORT", *port)
    # Who names a host or a port wants such a door, though doors.tls be empty.
    listed = settings.doors.tls or (Address("127.0.0.1", 6697),)
    doors = [
        Address(host or door.host, door.port if number is None else number, _optional(door, host))
        for door in listed
    ]
    # 127.0.0.1 and [::1] become one with an address for both: it would be listened on twice.
    updated = settings.doors.model_copy(update={"tls": tuple(dict.fromkeys(doors))})
    name = "doors.tls" if address is None else f"IP_ADDRESS ({address[1]}): doors.tls"
    return settings.model_copy(update={"doors": updated}), name


def _parts_of_doors(sources: Sequence[Source]) -> tuple[_Given | None, _Given | None]:
    """Return IP_ADDRESS and PORT as the strongest source has them, and where that is."""
    address: _Given | None = None
    port: _Given | None = None
    for source in sources:
        if source.variables and source.holds(("doors", "tls")):
            address = port = None
            continue
        address = (source.address, source.where) if source.address else address
        port = (source.port, source.where) if source.port else port
    return address, port


def _parsed(parse: Callable[[str], Parsed], name: str, text: str, where: str) -> Parsed:
    try:
        return parse(text)
    except ValueError as error:
        raise SettingsError(f"{where}: {name}: {error}; mend or unset it") from None


def _optional(door: Address, host: str | None) -> bool:
    return door.optional and host is None


def _with_absolute_paths(settings: Settings, cwd: Path) -> Settings:
    tls = settings.tls
    certificate, key = _absolute(cwd, tls.certificate), _absolute(cwd, tls.key)
    password_file = _absolute(cwd, settings.mail.password_file)
    return settings.model_copy(
        update={
            "data_dir": cwd / settings.data_dir,
            "motd_file": _absolute(cwd, settings.motd_file),
            "mail": settings.mail.model_copy(update={"password_file": password_file}),
            "tls": tls.model_copy(update={"certificate": certificate, "key": key}),
            "ssh": settings.ssh.model_copy(
                update={"host_keys": tuple(cwd / path for path in settings.ssh.host_keys)}
            ),
        }
    )


def _absolute(cwd: Path, path: Path | None) -> Path | None:
    return None if path is None else cwd / path


def _refuse_halves(settings: Settings) -> None:
    """Refuse settings that contradict or lack each other."""
    tls = settings.tls
    if (tls.certificate is None) != (tls.key is None):
        missing = "tls.key" if tls.key is None else "tls.certificate"
        raise SettingsError(f"{missing} is missing: set tls.certificate and tls.key, or neither")
    if settings.motd and settings.motd_file is not None:
        raise SettingsError("motd and motd_file are both set; remove one of them")
    if not any(addresses for name, addresses in _doors(settings.doors) if name != HEALTH):
        raise SettingsError('[doors] opens nothing; set doors.tls = ["127.0.0.1:6697"]')
    _refuse_twice(settings)


def _refuse_twice(settings: Settings) -> None:
    """Refuse two doors at one place.

    Here, not when the doors open: the second would be told that the port is in use, not by whom.
    """
    seen: dict[Address, str] = {}
    for name, doors in _doors(settings.doors):
        for door in doors:
            # Whether it may be missing makes no other place of it; port 0 is another one each time.
            place = replace(door, optional=False)
            if place.port and place in seen:
                raise SettingsError(f"{name} and {seen[place]} both listen on {door}; change one")
            seen[place] = name


def _doors(doors: DoorSettings) -> tuple[tuple[str, tuple[Address, ...]], ...]:
    return (
        ("doors.tls", doors.tls),
        ("doors.plain", doors.plain),
        ("doors.wss", doors.wss),
        ("doors.websocket", doors.websocket),
        ("doors.ssh", doors.ssh),
        (HEALTH, doors.health),
    )


def _with_motd(settings: Settings) -> Settings:
    path = settings.motd_file
    if path is None:
        return settings
    try:
        with path.open("rb") as file:
            # One more than may be, to see that there is more: the file may be a device without end.
            raw = file.read(_MOTD_BYTES + 1)
        text = raw.decode()
    except UnicodeDecodeError:
        raise SettingsError(f"motd_file {path} is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        reason = error.strerror or error
        raise SettingsError(f"motd_file {path} cannot be read: {reason}") from None
    if len(raw) > _MOTD_BYTES:
        raise SettingsError(f"motd_file {path} is over {_MOTD_BYTES} bytes; shorten it")
    # A file is more likely to hold a colour code than `motd` is: it is blanked, not refused.
    lines = (_printable(line) for line in text.splitlines())
    return settings.model_copy(update={"motd": "\n".join(lines).rstrip("\n")})


def _printable(line: str) -> str:
    return "".join(char if char.isprintable() else " " for char in line)


def _differing(path: tuple[str, ...], old: BaseModel, new: BaseModel) -> list[str]:
    names = []
    for name, field in type(old).model_fields.items():
        before, after = getattr(old, name), getattr(new, name)
        if isinstance(before, BaseModel) and isinstance(after, BaseModel):
            names += _differing((*path, name), before, after)
        elif before != after and field.json_schema_extra is not None:
            names.append(".".join((*path, name)))
    return names
