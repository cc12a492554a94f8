"""What the command line does around an erasure: a witness before, patience, a look afterwards."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hubbub.cli.administration_line import ask_server, fail
from hubbub.cli.keeping import explained, journal_on_record
from hubbub.cli.progress import progress
from hubbub.server.checks.finding import Finding, error, ok, warning

LOOK_SECONDS: Final = 0.2
"""How often the server is asked whether it is done."""
_ERASING: Final = "erasing"


def write_witness(config: Path | None, data: Path | None, name: str, to: Path) -> None:
    """Write down what an account said, before it is gone; nothing where that is not possible."""
    with explained():
        from hubbub.keeping.witness import write

        journal = journal_on_record(config, data, "WITNESS", name)
        with progress("writing the witness") as told:
            write(journal, name, to, told)


def until_erased(config: Path | None, data: Path | None) -> None:
    """Wait until the running server has erased what it was told to."""
    from hubbub.cli.control import ControlError

    while True:
        try:
            lines = {each.params[0]: each.params[-1] for each in ask_server(config, data, "STATUS")}
        except ControlError as lost:
            fail(f"{lost}; what is not erased yet the next start goes on with", 1)
        if _ERASING not in lines:
            return
        time.sleep(LOOK_SECONDS)


def check_absent(
    config: Path | None, data: Path | None, witness: Path, backups: Sequence[Path]
) -> list[Finding]:
    """Return where anything that a witness names is found, in all files of a server and backups."""
    with explained():
        import os

        from hubbub.keeping.witness import files_of, found_in, read
        from hubbub.settings import find_data_dir, working_directory

        directory = find_data_dir(config, data, os.environ, working_directory())
        held = read(witness)
        files = [*files_of(directory), *backups]
        findings: list[Finding] = []
        with progress("looking") as told:
            for number, path in enumerate(files):
                told(number, len(files))
                found = found_in(path, held)
                if found:
                    what = f"{path} holds {len(found)} of {len(held.words)} things that were erased"
                    findings.append(error("absent", what, _MEND))
    if not findings:
        what = f"none of {len(held.words)} things is in any of {len(files)} files"
        findings.append(ok("absent", what))
    if held.common:
        what = f"{held.common} things are not looked for: others said the same, or they are short"
        findings.append(warning("absent", what, "they say nothing about who said them"))
    return findings


_MEND: Final = (
    "a backup: destroy it, or make it anew; the server's: somebody else may have quoted it, or "
    "`hubbub status` tells that it is still being erased"
)
