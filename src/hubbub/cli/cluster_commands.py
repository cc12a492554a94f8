"""`hubbub cluster`: several nodes become one server, and one again."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hubbub.cli.administration_line import (
    Config,
    Data,
    Yes,
    carry_out,
    carry_out_asked,
    fail,
    show,
)
from hubbub.irc.durations import seconds_of
from hubbub.irc.text import visible

if TYPE_CHECKING:
    from hubbub.cluster.members import MemberList

EXIT_CODES: Final = (
    "Exit codes: 0 done; 1 not done, or not all is well; 2 wrong usage, or something must be "
    "mended first; 3 the server does not answer; 75 not just now (a member is not reached, the "
    "server runs still): try again. One line on standard error says why."
)
TOKEN_MOST: Final = 7 * 86_400

cluster = typer.Typer(
    help="Let several machines be one server.", no_args_is_help=True, epilog=EXIT_CODES
)

_Name = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="What this member is called. Default: this machine's host name."
    ),
]
_Route = Annotated[
    int,
    typer.Option(
        "--route-port",
        min=1,
        max=65_535,
        help="The port on which the members' servers of the order speak to each other.",
    ),
]
_Door = Annotated[
    int,
    typer.Option(
        "--join-port",
        min=1,
        max=65_535,
        help="The port on which a member lets others join and have copies.",
    ),
]


_Token = Annotated[
    str,
    typer.Argument(
        metavar="TOKEN",
        help="The token. Better without: then it is asked for, or read from standard input, "
        "and others on this machine cannot see it.",
    ),
]
_Host = Annotated[
    str,
    typer.Option(
        "--host",
        metavar="HOST",
        help="By what others reach this machine. Default: the address from which it reached the "
        "member.",
    ),
]


@cluster.command()
def create(
    host: Annotated[
        str,
        typer.Argument(metavar="HOST", help="The name or address by which others reach this one."),
    ],
    name: _Name = "",
    route_port: _Route = 6222,
    join_port: _Door = 7900,
    config: Config = None,
    data: Data = None,
) -> None:
    """Make the stopped server of these settings the first member of a cluster.

    Nothing that it holds is changed. It goes on by itself until two others have joined; the next
    start after that begins the common order.
    """
    from hubbub.server.member import directory as membership
    from hubbub.settings import load_settings, working_directory

    with _told():
        settings = load_settings(config, data, os.environ, working_directory())
        place = membership.Place(name, host, route_port, join_port)
        shared = membership.create(settings, place)
    _introduce(shared)
    typer.echo("# Start it, and let others join: `hubbub cluster token` makes a token for each.")


@cluster.command()
def token(
    lasts: Annotated[
        str,
        typer.Option("--for", metavar="TIME", help="How long it is good: 30m, 12h; up to 7d."),
    ] = "1h",
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print the token and nothing else.")
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Print a token with which one machine can join, once, through this member."""
    from hubbub.server.member import directory as membership

    seconds = seconds_of(lasts)
    if not seconds or seconds > TOKEN_MOST:
        raise typer.BadParameter("give a length of time such as 30m or 12h; 7d at most")
    with _told():
        door, made = membership.make_token(membership.data_dir_of(config, data), seconds)
    if not quiet:
        typer.echo(f"# On the new machine, within {lasts}: it asks for the token.", err=True)
        typer.echo(f"# hubbub cluster join {visible(door)}", err=True)
    typer.echo(made)


@cluster.command()
def join(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="The member that made the token: HOST[:PORT].")
    ],
    given: _Token = "",
    name: _Name = "",
    host: _Host = "",
    route_port: _Route = 6222,
    join_port: _Door = 7900,
    config: Config = None,
    data: Data = None,
) -> None:
    """Make an empty data directory that of a new member: the same server, wherever one comes in.

    It gets the keys by which clients know the server, and a copy of all it holds. Where it breaks
    off, the same command goes on.
    """
    from hubbub.server.member import directory as membership

    with _told():
        directory = membership.data_dir_of(config, data)
        place = membership.Place(name, host, route_port, join_port)
        shared = membership.join(directory, address, lambda: given or _asked_for(), place)
        source = membership.fetch(directory, shared, _progress)
    _introduce(shared)
    there = f"has a copy from {source}" if source else "fetches a copy when the others are up"
    typer.echo(visible(f"# It {there}; give it the settings of the others, and start it."))


@cluster.command()
def status(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, on one line, instead.")
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Tell of all nodes and of their order, as the node of this machine sees them.

    Exit code 1 where somebody had better look at it: the line look-at says at what; 3 where no
    server runs here.
    """
    answers = carry_out(config, data, "CLUSTER", "STATUS", no_server=3)
    lines = {each.params[1]: each.params[2] for each in answers if each.params[0] == "STATUS"}
    wrong = lines.get("look-at", "nothing") != "nothing"
    if as_json:
        typer.echo(json.dumps({"well": not wrong, "lines": lines}))
    else:
        for name, text in lines.items():
            typer.echo(visible(f"{name:<10} {text}"))
    raise typer.Exit(1 if wrong else 0)


@cluster.command()
def drain(
    seconds: Annotated[
        str,
        typer.Argument(
            metavar="SECONDS",
            help="How long at most. Default: `stop.drain_seconds`, or 30 where that is 0.",
        ),
    ] = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Stop the node of this machine while the others go on; its people move to those."""
    show(carry_out(config, data, "DRAIN", *([seconds] if seconds else [])))


@cluster.command()
def leave(
    node: Annotated[
        str,
        typer.Argument(
            metavar="NODE",
            help="The number or name of one that will not come back. Default: this one.",
        ),
    ] = "",
    yes: Yes = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Let a node go for good: its number is not given again, and nobody waits for it any more."""
    show(carry_out_asked(config, data, yes, ("CLUSTER", "LEAVE"), *([node] if node else [])))


@cluster.command()
def finalize(yes: Yes = False, config: Config = None, data: Data = None) -> None:
    """Have the newest rules begin that all members know; older programs cannot come back then."""
    for answer in carry_out_asked(config, data, yes, ("CLUSTER", "FINALIZE")):
        typer.echo(visible(" ".join(answer.params[1:])))


@cluster.command("set")
def set_(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="As in the settings file: channels.per_account.")
    ] = "",
    value: Annotated[
        str,
        typer.Argument(
            metavar="VALUE",
            help="As in the settings file.",
        ),
    ] = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Have a setting be the same on all nodes, whatever their files say; or show those that are."""
    from hubbub.settings import checked_value

    words = []
    if name:
        with _told():
            words = [name, checked_value(name, value)]
    shown = carry_out(config, data, "CLUSTER", "SET", *words)
    for answer in shown:
        if answer.params[0] == "SET":
            typer.echo(visible(" ".join(answer.params[1:])))


@cluster.command()
def dissolve(
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do it without asking; needed where nobody is.")
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Let this member be one server by itself again, with the same history; all are stopped.

    It is for the member that has come furthest. The others are of no use afterwards.
    """
    from hubbub.server.member import directory as membership

    with _told():
        directory = membership.data_dir_of(config, data)
        found = membership.archive_of(directory)
        typer.echo(
            f"# its archive is at position {found.position} of the order, with {found.seq} records"
            f" up to {found.day}: use the member that has come furthest",
            err=True,
        )
        if not yes and not sys.stdin.isatty():
            fail("add --yes to do it", 1)
        if not yes and not typer.confirm("It goes on alone, and the others end. Do it?", err=True):
            fail("nothing was done", 1)
        number = membership.dissolve(directory)
    typer.echo(f"# it is node {number}, and the only one; remove [cluster] from its settings")


@cluster.command()
def repair(
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A member that cannot be asked; may be repeated."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do it without asking; needed where nobody is.")
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Have the order go on from the members' archives, where it has lost its end.

    Run it on all members, while all nodes stand still. The one whose archive is furthest asks, and
    sets the order forward; nothing is done where nothing is missing.
    """
    from hubbub.server.member import directory as membership
    from hubbub.settings import load_settings, working_directory

    def confirm(would: str) -> bool:
        if not yes and not sys.stdin.isatty():
            fail(f"{would}; add --yes to do it", 1)
        return yes or typer.confirm(visible(f"{would}. Do it?"), err=True)

    with _told():
        settings = load_settings(config, data, os.environ, working_directory())
        done = membership.repair(settings, without or [], _say, confirm)
    if not done:
        fail("nothing was done", 1)


def _say(text: str) -> None:
    typer.echo(visible(text), err=True)


def _introduce(shared: MemberList) -> None:
    """Say which member this is, and what it needs."""
    own = shared.own
    ports = " and ".join(address.rpartition(":")[2] for address in (own.route, own.door))
    typer.echo(visible(f"# {own.name} is member {own.number} now, of {len(shared.members)}."))
    typer.echo(f"# The other members have to reach it at ports {ports}.")


def _asked_for() -> str:
    """Return a token that is pasted at the terminal, or comes through a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    try:
        return getpass.getpass("Token: ")
    except (EOFError, KeyboardInterrupt):
        fail("no token was given", 2)


def _progress(have: int, size: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if have == size else "\r"
        sys.stderr.write(f"copying: {have >> 20} of {size >> 20} MiB{end}")


@contextmanager
def _told() -> Iterator[None]:
    """Say why something cannot be done, and exit with the code for it."""
    from hubbub.cluster.errors import ClusterError, PeerUnreachable
    from hubbub.settings import SettingsError

    try:
        yield
    except PeerUnreachable as error:
        fail(str(error), 75)
    except ClusterError as error:
        fail(str(error), 2)
    except SettingsError as error:
        fail(str(error), error.exit_code)
