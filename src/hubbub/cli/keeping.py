"""The commands with which an operator keeps what is in the journal, and brings it back."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hubbub.cli.administration_line import (
    Config,
    Data,
    ask_server,
    channel_named,
    fail,
    one_of,
)
from hubbub.cli.progress import progress
from hubbub.irc.text import visible
from hubbub.server.checks.finding import Finding, error, ok, warning

if TYPE_CHECKING:
    from hubbub.keeping.exporting.proof import ProvedLines, Verified
    from hubbub.settings import Settings

KEEPING_CODES = (
    "Exit codes: 0 done; 1 not done (one line on standard error says why); 2 wrong usage, or a "
    "setting or directory that has to be mended; 75 not just now (no room, in use)."
)

_MEND = (
    "stop the server and run `hubbub check --repair`, which keeps what can be read, or restore a "
    "backup"
)
_Force = Annotated[bool, typer.Option("--force", "-f", help="Replace a file that is there.")]
_Backup = Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="The backup's file.")]


def backup(
    file: _Backup,
    without_keys: Annotated[
        bool,
        typer.Option(
            "--without-keys",
            help="Leave out cloak key, SSH host key, certificate and its key: who gets the file "
            "could be taken for this server with them.",
        ),
    ] = False,
    force: _Force = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Copy all that the server keeps, and its keys, into one file, while it runs or not.

    The copy is of one moment and looked through; it is there whole or not at all, for its owner
    alone (0600). Settings are not in it. Everything else is: accounts with the hashes of their
    passwords, channels and all that was said.
    """
    with explained():
        from hubbub.keeping.backup import back_up

        settings = _settings(config, data)
        with progress("copying") as told:
            made = back_up(settings, file, not without_keys, force, told)
    held = ", ".join(("the journal", *made.files))
    typer.echo(visible(f"{file}: {made.size:,} bytes; {held}"))
    for path in made.elsewhere:
        typer.echo(visible(f"hubbub: not in it, for the settings name it: {path}"), err=True)


def restore(
    file: _Backup,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Restore although something is there; that is moved into a folder "
            "before-restore-... of the data directory.",
        ),
    ] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Make a data directory of a backup, for a server that is stopped.

    The backup is looked through before anything is changed. A directory that a server uses is
    refused; so is one that is not empty, unless --replace is given.
    """
    with explained():
        from hubbub.keeping.restoring import restore as restore_from
        from hubbub.settings import find_data_dir, working_directory

        directory = find_data_dir(config, data, os.environ, working_directory())
        with progress("restoring") as told:
            done = restore_from(file, directory, replace, told)
    typer.echo(visible(f"restored to {directory}: {', '.join(done.files)}"))
    if done.aside is not None:
        typer.echo(visible(f"what was there is in {done.aside}; remove it when all is well"))
    if done.without:
        typer.echo(
            visible(
                f"hubbub: the backup has no {', '.join(done.without)}: put yours there, or start "
                "once with --accept-loss, which makes new ones"
            ),
            err=True,
        )


def export(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", readable=False, help="Where to write it. Default: standard output."
        ),
    ] = None,
    channel: Annotated[
        str,
        typer.Option("--channel", metavar="#CHANNEL", callback=channel_named, help="One channel."),
    ] = "",
    account: Annotated[
        str,
        typer.Option(
            "--account",
            metavar="NAME",
            help="What one account said, and what was said to it directly.",
        ),
    ] = "",
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="json|text|html",
            callback=one_of("json", "text", "html"),
            help="JSON Lines, plain text, or a page without scripts.",
        ),
    ] = "json",
    proof: Annotated[
        bool,
        typer.Option(
            "--proof",
            help="JSON Lines that are chained, and signed with the server's SSH host key; `hubbub "
            "verify` looks whether anything was changed since.",
        ),
    ] = False,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="BACKUP",
            readable=False,
            help="Read a backup, not the data directory.",
        ),
    ] = None,
    force: _Force = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Write down what was said, and what happened in channels: everything, or a part of it.

    Direct messages are in it. It works beside a running server, which puts it on record (`hubbub
    audit`), without one, and from a backup. A killed one goes on where it was, with the same words.
    """
    if channel and account:
        fail("give --channel or --account, not both", 2)
    if proof and form.lower() != "json":
        fail("a proof is of JSON Lines; leave out --format", 2)
    with explained():
        from hubbub.keeping.exporting.selection import Selection
        from hubbub.keeping.exporting.writing import export as write
        from hubbub.keeping.exporting.writing import export_to

        selection = Selection(channel, account)
        journal = source or journal_on_record(config, data, "EXPORT", channel or account or "*")
        form = "proof" if proof else form.lower()
        style = _signing(config, data) if proof else None
        if file is None:
            export_to(journal, selection, form, lambda text: typer.echo(text, nl=False), style)
            return
        with progress("exporting") as told:
            done = write(journal, selection, form, file, force, told, style)
    went_on = "; it went on where the one before was" if done.went_on else ""
    typer.echo(visible(f"{file}: {done.lines:,} entries{went_on}"))


def verify(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", readable=False, help="What `export --proof` wrote.")
    ],
    key: Annotated[
        str,
        typer.Option(
            "--key",
            metavar="KEY",
            help="The server's SSH host key: its fingerprint (SHA256:...), or a file with the "
            "public key. Default: print whose it is, for you to compare.",
        ),
    ] = "",
) -> None:
    """Look whether a transcript is what a server signed: nothing changed, added or left out."""
    with explained():
        found = _verified(file, key)
    typer.echo(visible(f"{found.what}, {found.lines:,} lines, as {found.server} had them"))
    if found.withheld:
        typer.echo(f"the words of {found.withheld:,} lines are left out")
    whose = "that key" if key else f"{found.signer}: compare it with the server's host key"
    typer.echo(f"signed by {whose}")


def _verified(file: Path, key: str) -> Verified:
    from hubbub.keeping.errors import KeepingError
    from hubbub.keeping.exporting import proof
    from hubbub.transport.errors import HostKeyError
    from hubbub.transport.ssh import signing

    def signer_of(signature: str, message: bytes) -> str | None:
        return signing.signer_of(signature, proof.NAMESPACE, message)

    try:
        is_named = not key or key.startswith("SHA256:")
        wanted = key if is_named else signing.fingerprint_at(Path(key))
        with file.open(encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
            found = proof.verify(lines, signer_of)
    except (HostKeyError, OSError) as error:
        raise KeepingError(str(error)) from None
    if wanted not in ("", found.signer):
        raise KeepingError(f"it is signed by another key, {found.signer}")
    return found


def _signing(config: Path | None, data: Path | None) -> ProvedLines:
    """Return what writes lines that are signed with the server's host key. Raise KeepingError."""
    from hubbub.keeping.errors import KeepingError
    from hubbub.keeping.exporting.proof import NAMESPACE, ProvedLines
    from hubbub.server.identity import SSH_KEY
    from hubbub.transport.errors import HostKeyError
    from hubbub.transport.ssh import signing

    settings = _settings(config, data)
    path = (*settings.ssh.host_keys, settings.data_dir / SSH_KEY)[0]
    if not path.exists():
        raise KeepingError(f"there is no host key {path}: a server with an SSH door makes one")

    def sign(message: bytes) -> str:
        try:
            return signing.sign(path, NAMESPACE, message)
        except HostKeyError as error:
            raise KeepingError(str(error)) from None

    # Now: nothing is to be written that cannot be signed at its end.
    sign(b"")
    return ProvedLines(settings.name, sign)


def journal_on_record(config: Path | None, data: Path | None, *words: str) -> Path:
    """Return the journal that is meant, once a running server has put on record what is done.

    Raise KeepingError where there is a server that does not.
    """
    from hubbub.cli.control import ControlError, NoServer
    from hubbub.keeping.errors import KeepingError
    from hubbub.keeping.examining import journal_of
    from hubbub.settings import find_data_dir, working_directory

    journal = journal_of(find_data_dir(config, data, os.environ, working_directory()))
    try:
        ask_server(config, data, "AUDIT", "NOTE", *words)
    except NoServer:
        # Without a server there is nobody to put it on record.
        pass
    except ControlError as error:
        raise KeepingError(
            f"the server did not put it on record ({error}); nothing was done"
        ) from None
    return journal


def check_journal(config: Path | None, data: Path | None, mend: bool) -> list[Finding]:
    """Return what is found in the journal, and what became of it where it was to be mended."""
    with explained():
        from hubbub.keeping.examining import examine
        from hubbub.keeping.examining import repair as put_right
        from hubbub.settings import find_data_dir, working_directory

        directory = find_data_dir(config, data, os.environ, working_directory())
        with progress("looking") as told:
            faults = examine(directory, told)
        if not faults:
            return [ok("journal", f"all that is kept in {directory} is whole")]
        if not mend:
            return [error(fault.of, fault.what, _MEND) for fault in faults]
        with progress("repairing") as told:
            done = put_right(directory, told)
    found = [warning(fault.of, fault.what, "repaired") for fault in faults]
    rebuilt = done.rebuilt
    for part, of in (
        (_records_of(rebuilt.lost), "are lost, those of them that there were"),
        (str(rebuilt.hidden or ""), "records are in no history any more, to be on the safe side"),
        (", ".join(rebuilt.unread), "are not whole"),
    ):
        if part:
            found.append(warning("lost", f"{part} {of}", "a backup may have them"))
    kept = f"{rebuilt.records} records are kept; the damaged journal is {done.kept}"
    return [*found, warning("journal", kept, "remove it when all is well")]


def _records_of(seqs: Sequence[int]) -> str:
    """Return seqs as an operator reads them: the first few stretches, and how many there are."""
    stretches: list[list[int]] = []
    for seq in seqs:
        if stretches and stretches[-1][1] == seq - 1:
            stretches[-1][1] = seq
        else:
            stretches.append([seq, seq])
    shown = [f"{first} to {last}" if last > first else str(first) for first, last in stretches[:5]]
    more = f" and others, {len(seqs)} in all," if stretches[5:] else ""
    return f"records {', '.join(shown)}{more}" if shown else ""


@contextmanager
def explained() -> Iterator[None]:
    """Print why something was not done, and exit with the code for it."""
    from hubbub.journal.port import JournalUnusable, JournalWaits
    from hubbub.keeping.errors import KeepingError
    from hubbub.settings import SettingsError

    try:
        yield
    except KeepingError as error:
        fail(str(error), 1)
    except JournalWaits as error:
        fail(str(error), 75)
    except JournalUnusable as error:
        fail(str(error), 1)
    except SettingsError as error:
        fail(str(error), error.exit_code)


def _settings(config: Path | None, data: Path | None) -> Settings:
    """Return the settings of the server that is meant. Raise SettingsError."""
    from hubbub.settings import load_settings, working_directory

    return load_settings(config, data, os.environ, working_directory())
