"""The commands a person types.

What a command needs is imported when it runs: `hubbub --help` loads no server, and `hubbub chat` no
database.
"""

import gc
import os
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from hubbub import __version__
from hubbub.cli import (
    account_administration,
    administration,
    administration_line,
    cluster_commands,
    identity_administration,
    inspection,
    keeping,
    searching,
    wire,
)
from hubbub.cli.loading import left_out
from hubbub.commit import shown

app = typer.Typer(
    name="hubbub",
    help="A chat server and client for people who live in the terminal.",
    epilog="Exit codes: 0 done; 1 failed; 2 wrong usage or a setting that must be mended. Each "
    "command's help names its others.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command on the command line and exit with its code."""
    app()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(shown(__version__))
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and its commit.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Hold the options that belong to no command."""


@app.command(
    epilog="Exit codes: 0 stopped as asked (Ctrl-C, SIGTERM); 1 the journal failed; 2 a setting or "
    "the data directory must be mended; 75 it cannot start just now (no room on the disk, a port "
    "or the data directory in use, no descriptors), and may be started again. One line on standard "
    "error says which."
)
def serve(
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            readable=False,
            help="Settings, as TOML. Default: hubbub.toml in this directory, if there is one. "
            ".env overrides it, and HUBBUB_... in the environment overrides both.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            readable=False,
            help="Where the database, the certificate and its key live.",
        ),
    ] = None,
    accept_loss: Annotated[
        bool,
        typer.Option(
            "--accept-loss",
            help="Start although messages, or files of the data directory, are missing that were "
            "there, and go on without them. Keep a copy of the directory first.",
        ),
    ] = False,
) -> None:
    """Run a server until Ctrl-C or SIGTERM.

    Without any settings it listens on this machine only: TLS on port 6697, SSH on 2222, plain text
    on 6667.
    """
    from hubbub.server.early_signals import early_signals
    from hubbub.settings import Settings, SettingsError, load_settings, working_directory

    def load() -> Settings:
        return load_settings(config, data, os.environ, working_directory())

    # Next to nothing that loading makes is garbage; the server lets the collector begin when it is
    # ready.
    gc.disable()
    try:
        with early_signals():
            settings = load()
            # structlog would load rich, a tenth of a start, for tracebacks that no log shows.
            with left_out("rich"):
                from hubbub.server import serve as server

            code = server.run(settings, load, accept_loss)
    except SettingsError as error:
        _tell_refused(str(error), config)
        code = error.exit_code
    finally:
        gc.enable()
    raise typer.Exit(code)


URL = Annotated[
    str | None,
    typer.Argument(
        metavar="URL",
        help="ircs://[NICK@]HOST[:PORT][,HOST[:PORT]...]/CHANNEL; of several servers, the nodes of "
        "one, each is tried until one takes us in. Default: #lobby on this machine's server. "
        "irc:// is plain text, allowed to this machine only.",
    ),
]
Nick = Annotated[str | None, typer.Option(metavar="NICK", help="Default: your login name.")]
Fingerprint = Annotated[
    str | None,
    typer.Option(
        metavar="SHA256",
        help="Trust this certificate and no other, and remember it. Default: what verifies, "
        "or what was remembered from the first connection.",
    ),
]
AllowPlainText = Annotated[
    bool, typer.Option("--allow-plain-text", help="Allow irc:// beyond this machine.")
]
Account = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Log in to this account. Default: the one used last on this server, if any.",
    ),
]
Certificate = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Log in with this client certificate: PEM, with its key."),
]
Create = Annotated[
    bool,
    typer.Option(
        "--create",
        help="In a pipe: make the channel, if there is none. At a terminal it is made anyway.",
    ),
]
Register = Annotated[
    bool, typer.Option("--register", help="Register an account under the nick first.")
]


@app.command(
    epilog="Exit codes: 0 everything was said and confirmed; 2 wrong usage; 3 cannot connect; "
    "4 certificate refused; 5 not let in (nick, password, ban, channel); 6 a message was not "
    "confirmed; 130 interrupted. The variable HUBBUB_CHAT_ACCOUNT_PASSWORD holds the account's "
    "password, HUBBUB_CHAT_PASSWORD the server's; with _FILE behind either a file is named that "
    "holds it."
)
def chat(
    url: URL = None,
    nick: Nick = None,
    fingerprint: Fingerprint = None,
    allow_plain_text: AllowPlainText = False,
    account: Account = None,
    certificate: Certificate = None,
    register: Register = False,
    create: Create = False,
) -> None:
    """Talk to a server from this terminal.

    The prompt stays at the bottom, the conversation scrolls above it; /help lists the commands.
    When standard input or output is no terminal: each line in is said in CHANNEL, what others say
    there comes out, and the end of the input ends it once everything is confirmed. Input that ends
    at once is said without coming in.
    """
    from hubbub.terminal import chat as client

    code = client.main(
        url=url,
        nick=nick,
        fingerprint=fingerprint,
        allow_plain_text=allow_plain_text,
        account=account,
        certificate=certificate,
        register=register,
        create=create,
    )
    raise typer.Exit(code)


@app.command(
    epilog="Exit codes: 0 printed; 1 the two inputs differ, or the password cannot be used."
)
def hash_password() -> None:
    """Print the argon2id hash of a password.

    It is for the settings `password` and `[operators]`. Asks twice on the terminal, without showing
    it; reads one line when standard input is a pipe.
    """
    from hubbub.passwords import argon2

    try:
        typer.echo(argon2.hash_password(administration_line.read_password()))
    except ValueError as error:
        _fail(str(error), 1)


@app.command(
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def bench(context: typer.Context) -> None:
    """Measure this server beside others.

    It starts Hubbub and, where they are installed, ngircd and InspIRCd, under the same load. All
    options go to the benchmark; `hubbub bench --help` shows them.
    """
    from hubbub import bench as benchmark

    raise typer.Exit(benchmark.main(context.args))


app.command(epilog=wire.EXIT_CODES)(wire.wire)
app.add_typer(account_administration.account, name="account")
app.add_typer(account_administration.invite, name="invite")
app.add_typer(administration.operator, name="operator")
app.add_typer(administration.ban, name="ban")
app.add_typer(administration.mail, name="mail")
app.add_typer(identity_administration.identity, name="identity")
app.add_typer(cluster_commands.cluster, name="cluster")
app.command(epilog=inspection.STATUS_CODES)(inspection.status)
app.command(epilog=inspection.HEALTH_CODES)(inspection.health)
app.command(epilog=inspection.CHECK_CODES)(inspection.check)
app.command(epilog=inspection.DOCTOR_CODES)(inspection.doctor)
app.command()(inspection.version)
app.command(epilog=keeping.KEEPING_CODES)(keeping.backup)
app.command(epilog=keeping.KEEPING_CODES)(keeping.restore)
app.command(epilog=keeping.KEEPING_CODES)(keeping.export)
app.command(epilog=keeping.KEEPING_CODES)(keeping.verify)
app.command(epilog=administration_line.EXIT_CODES)(administration.reload)
app.command(epilog=administration_line.EXIT_CODES)(administration.drain)
app.command(epilog=administration_line.EXIT_CODES)(administration.switch)
app.command(epilog=administration_line.EXIT_CODES)(administration.purge)
app.command(epilog=administration_line.EXIT_CODES)(administration.audit)
app.command(epilog=administration_line.EXIT_CODES)(searching.search)


def _tell_refused(why: str, config: Path | None) -> None:
    """Say why the server does not start, as its log is to be."""
    from hubbub.settings import wants_json

    if not wants_json(config, os.environ):
        typer.echo(f"hubbub: {_one_line(why)}", err=True)
        return
    from hubbub.server.log import json_line

    line = json_line(__name__, "the server does not start", level="critical", error=why)
    typer.echo(line, err=True)


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(f"hubbub: {_one_line(message)}", err=True)
    raise typer.Exit(code)


def _one_line(message: str) -> str:
    """Return a message as one line without control characters: it can quote a broken file."""
    return "".join(char if char.isprintable() else " " for char in message)
