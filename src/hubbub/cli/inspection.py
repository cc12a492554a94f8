"""The commands that say how a server does, and what is to be mended before it starts."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hubbub import CODE
from hubbub.cli.administration_line import Config, Data, ask_server, fail
from hubbub.cli.control import ControlError
from hubbub.cli.keeping import check_journal
from hubbub.irc.text import visible
from hubbub.server.checks.finding import Finding, Level, error, ok, warning, worst
from hubbub.server.files import READY

if TYPE_CHECKING:
    from hubbub.server.checks.running.started_with import StartedWith
    from hubbub.settings import Settings

STATUS_CODES = (
    "Exit codes: 0 nothing needs a look; 1 something does (the line look-at names it); 2 wrong "
    "usage; 3 no server runs, or it does not answer within 3 seconds."
)
HEALTH_CODES = "Exit codes: 0 ready; 1 not ready, or no server answers; 2 wrong usage."
CHECK_CODES = (
    "Exit codes: 0 nothing keeps the server from starting; 1 there are warnings, with --strict; 2 "
    "something has to be mended first; 75 it cannot start just now (no room on the disk, a port in "
    "use). So `serve` exits, too."
)
DOCTOR_CODES = "Exit codes: 0 nothing to mend; 1 something is; 2 the settings cannot be read."

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, on one line, instead.")]
_Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print only what somebody had better look at.")
]


def status(as_json: _Json = False, config: Config = None, data: Data = None) -> None:
    """Tell how the running server does, and what of it needs a look.

    It waits for 3 seconds at most, for a server that hangs or has no descriptors left.
    """
    lines = _asked(config, data)
    if isinstance(lines, _Silence):
        if as_json:
            typer.echo(json.dumps({"answers": False, "why": lines.why}))
            raise typer.Exit(lines.code)
        fail(lines.why, lines.code)
    wrong = _look_at(lines)
    if as_json:
        typer.echo(json.dumps({"answers": True, "look_at": wrong, "lines": lines}))
    else:
        for name, value in lines.items():
            typer.echo(visible(f"{name:<12} {value}"))
    raise typer.Exit(1 if wrong else 0)


def health(
    as_json: Annotated[
        bool, typer.Option("--json", help='Print {"ready": true, "why": ""} instead.')
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Say whether the running server serves newcomers, within 3 seconds; for HEALTHCHECK."""
    lines = _asked(config, data)
    why = lines.why if isinstance(lines, _Silence) else _why_not(lines)
    if as_json:
        typer.echo(json.dumps({"ready": not why, "why": why}))
    elif not why:
        typer.echo("ready")
    else:
        typer.echo(visible(f"not ready: {why}"))
    raise typer.Exit(1 if why else 0)


def check(
    config: Config = None,
    data: Data = None,
    strict: Annotated[bool, typer.Option("--strict", help="Take warnings for failures.")] = False,
    journal: Annotated[
        bool,
        typer.Option(
            "--journal",
            help="Look through all that is kept, instead: each page, record, index and snapshot.",
        ),
    ] = False,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Put in a damaged journal's place one of all that can be read of it, while no "
            "server runs; the damaged one is kept. Looks through it first, as --journal.",
        ),
    ] = False,
    absent: Annotated[
        Path | None,
        typer.Option(
            "--absent",
            metavar="WITNESS",
            readable=False,
            help="Look through every byte of every file of the data directory, and of BACKUPs, for "
            "what was erased with this witness.",
        ),
    ] = None,
    backups: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[BACKUP]...", readable=False, help="Files for --absent as well."),
    ] = None,
    quiet: _Quiet = False,
    as_json: _Json = False,
) -> None:
    """Look whether a server with these settings would start; or through all that it keeps.

    It is for ExecStartPre, and for before a restart. It looks at the settings, keys and
    certificate, doors, permissions, disk, descriptors, mail and proxies, changes nothing, and asks
    nobody on the network. It can be run beside the server, also with --journal.
    """
    if absent is None and backups:
        fail("backups are looked through with --absent WITNESS", 2)
    if absent is not None:
        from hubbub.cli.erasing import check_absent

        found = check_absent(config, data, absent, backups or [])
    elif journal or repair:
        found = check_journal(config, data, repair)
    else:
        found = [*_settings_and(config, data, _of_installation)]
    _print(found, quiet, as_json)
    errors = [each for each in found if each.level == Level.ERROR]
    if errors:
        raise typer.Exit(75 if all(each.passes for each in errors) else 2)
    raise typer.Exit(1 if strict and worst(found) else 0)


def doctor(
    config: Config = None, data: Data = None, quiet: _Quiet = False, as_json: _Json = False
) -> None:
    """Look at a running server from all sides, and say what to mend.

    Besides what `check` looks at it asks the server, connects to each of its doors, to the name in
    DNS and to the mail server, and looks at the clock. Run it as the server's user, or as root:
    then it goes by the settings that the server was started with, wherever they come from.
    """
    lines = _asked(config, data)
    told = lines.why if isinstance(lines, _Silence) else lines

    def examined(settings: Settings) -> Iterable[Finding]:
        from hubbub.server.checks.running.doctor import examine

        return examine(settings, time.time(), told)

    found = [*_settings_and(config, data, examined, of_running=True)]
    _print(found, quiet, as_json)
    if found[0].subject == "settings" and found[0].level == Level.ERROR:
        raise typer.Exit(2)
    raise typer.Exit(1 if worst(found) else 0)


def version() -> None:
    """Print the version, its commit, its rules and schema, and whether its hot path is compiled."""
    from hubbub.server.health.vitals import versions

    typer.echo(versions())
    if CODE.reason:
        typer.echo(CODE.reason)


@dataclass(frozen=True, slots=True)
class _Silence:
    """Say why nothing was answered, and the exit code for it."""

    why: str
    code: int


def _asked(config: Path | None, data: Path | None) -> dict[str, str] | _Silence:
    """Return the lines of STATUS of the running server by their names."""
    from hubbub.settings import SettingsError

    try:
        answers = ask_server(config, data, "STATUS")
    except SettingsError as refused:
        return _Silence(str(refused), 2)
    except ControlError as refused:
        return _Silence(str(refused), 3)
    return {each.params[0]: each.params[-1] for each in answers if each.params[0] != "END"}


def _why_not(lines: dict[str, str]) -> str:
    ready = lines.get(READY, "")
    return "" if ready == "yes" else ready.removeprefix("no: ") or "the server is older"


def _look_at(lines: dict[str, str]) -> list[str]:
    """Return which lines somebody had better look at."""
    from hubbub.node.monitoring.troubles import LOOK_AT, NOTHING

    named = lines.get(LOOK_AT, NOTHING)
    return [] if named == NOTHING else named.split()


def _of_installation(settings: Settings) -> Iterable[Finding]:
    from hubbub.server.checks.installation import check_installation

    return check_installation(settings, time.time())


def _settings_and(
    config: Path | None,
    data: Path | None,
    look: Callable[[Settings], Iterable[Finding]],
    of_running: bool = False,
) -> Iterator[Finding]:
    """Read the settings, then look at what they name; what is wrong with them comes first.

    Those `of_running` are what the running server was started with, where that can be seen.
    """
    from hubbub.settings import (
        NotNow,
        SettingsError,
        find_data_dir,
        load_settings,
        working_directory,
    )

    try:
        environ, cwd = os.environ, working_directory()
        theirs = _started_with(find_data_dir(config, data, environ, cwd)) if of_running else None
        if theirs is None:
            settings = load_settings(config, data, environ, cwd)
        else:
            named = theirs.argument("--config"), theirs.argument("--data")
            settings = load_settings(*named, theirs.environ, theirs.cwd)
    except SettingsError as refused:
        yield error("settings", str(refused), "", passes=isinstance(refused, NotNow))
        return
    notices = [each for each in settings.notices if each.level == "warning"]
    for notice in notices:
        details = ", ".join(f"{name} {value}" for name, value in notice.details.items())
        yield warning("settings", f"{notice.event}: {details}", "")
    if not notices:
        yield ok("settings", "they can be used")
    yield from look(settings)


def _started_with(directory: Path) -> StartedWith | None:
    from hubbub.server.checks.places import running_server
    from hubbub.server.checks.running.started_with import StartedWith

    running = running_server(directory)
    return StartedWith.of(running) if running else None


def _print(found: Sequence[Finding], quiet: bool, as_json: bool) -> None:
    shown = [each for each in found if each.level or not quiet]
    if as_json:
        level, objects = worst(found).name.lower(), [each.as_object() for each in shown]
        typer.echo(json.dumps({"level": level, "findings": objects}))
        return
    width = max((len(each.subject) for each in shown), default=0)
    for each in shown:
        level = each.level.name.lower()
        typer.echo(visible(f"{level:<7}  {each.subject:<{width}}  {each.sentence}"))
