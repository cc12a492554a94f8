"""From the places where settings are written to one checked tree."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from hubbub.settings.address import Address
from hubbub.settings.address_and_port import with_address_and_port
from hubbub.settings.error import SettingsError
from hubbub.settings.explain import explain
from hubbub.settings.mail import refuse_unusable_mail
from hubbub.settings.model import DoorSettings, Settings
from hubbub.settings.notices import Notice
from hubbub.settings.protection import refuse_unprotected
from hubbub.settings.secret_files import SecretFiles
from hubbub.settings.section import needs_restart
from hubbub.settings.sources import (
    CONFIG,
    Source,
    from_variables,
    is_there,
    merge,
    read_dotenv,
    read_toml,
    working_directory,
)
from hubbub.settings.values import expanded
from hubbub.whole_files import FileUnusable, read_whole

_MOTD_BYTES = 65536
HEALTH = "doors.health"


def load_settings(
    config: Path | None, data: Path | None, environ: Mapping[str, str], cwd: Path
) -> Settings:
    """Read, merge and check the settings.

    The environment overrides `.env` in `cwd`, which overrides the TOML file: `config`, or
    HUBBUB_CONFIG, or `hubbub.toml` in `cwd` where there is one. `data` overrides `data_dir` from
    anywhere. Raises SettingsError.
    """
    sources = _sources(config, environ, cwd)
    secrets = SecretFiles(sources, cwd)
    tree = secrets.put_into(_merged(sources, data))
    settings = _checked(tree, [*sources, *secrets.found])
    settings = settings.noticing([*_passed_over(sources), *secrets.notices])
    settings, tls_name = with_address_and_port(settings, sources)
    settings = _with_absolute_paths(settings, cwd)
    _refuse_halves(settings)
    refuse_unprotected(settings, tls_name)
    refuse_unusable_mail(settings)
    return _with_motd(settings)


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


def data_dir_place(
    config: Path | None, data: Path | None, environ: Mapping[str, str], cwd: Path
) -> str:
    """Return, in words for whoever looks in the wrong one, who says where the data directory is."""
    if data is not None:
        return "as --data says"
    sources = _sources(config, environ, cwd)
    source = next((each for each in reversed(sources) if each.holds(("data_dir",))), None)
    if source is None:
        return f"this user's own, for no settings in {cwd} or the environment name one"
    return f"as {source.name(('data_dir',))} in {source.where} says"


def wants_json(config: Path | None, environ: Mapping[str, str]) -> bool:
    """Tell whether the log is to be JSON, also where the settings cannot be used.

    Where a file of them cannot be read the environment alone says so.
    """
    try:
        sources = _sources(config, environ, working_directory())
    except SettingsError:
        sources = [from_variables("the environment", environ)]
    table = _merged(sources, None).get("log")
    return isinstance(table, dict) and table.get("format") == "json"


def _passed_over(sources: Sequence[Source]) -> list[Notice]:
    return [
        Notice(
            "info",
            "variables of Kubernetes for a Service of this name were passed over",
            {"where": source.where, "names": ", ".join(source.passed_over)},
        )
        for source in sources
        if source.passed_over
    ]


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
    named = config or (Path(environ[CONFIG]) if environ.get(CONFIG) else None)
    sources = []
    if named is not None:
        sources.append(read_toml(cwd / _expanded("--config", str(named))))
    elif is_there(cwd / "hubbub.toml"):
        sources.append(read_toml(cwd / "hubbub.toml"))
    sources.append(read_dotenv(cwd / ".env"))
    sources.append(from_variables("the environment", environ))
    return sources


def _expanded(name: str, path: str) -> Path:
    try:
        return expanded(path)
    except ValueError as error:
        raise SettingsError(f"{name} {path} {error}") from None


def _with_absolute_paths(settings: Settings, cwd: Path) -> Settings:
    tls = settings.tls
    certificate, key = _absolute(cwd, tls.certificate), _absolute(cwd, tls.key)
    return settings.model_copy(
        update={
            "data_dir": cwd / settings.data_dir,
            "motd_file": _absolute(cwd, settings.motd_file),
            "cloak_key_file": _absolute(cwd, settings.cloak_key_file),
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
        text = read_whole(path, _MOTD_BYTES).decode()
    except UnicodeDecodeError:
        raise SettingsError(f"motd_file {path} is not UTF-8 text; save it as UTF-8") from None
    except FileUnusable as error:
        raise SettingsError(f"motd_file {path} {error}") from None
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
        elif before != after and needs_restart(field):
            names.append(".".join((*path, name)))
    return names
