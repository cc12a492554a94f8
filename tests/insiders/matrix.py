"""The matrix of (who) x (what): read from `matrix.txt`, and written anew by running this.

`python -m tests.insiders.matrix` tries every row and prints the table as it is under the rules that
are there; with `--write` it puts it into the file, once all of it is there. For a new command, add
a row with its line alone, write, and read each of its cells in `git diff`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from tests.insiders.scene import WHO, attempt

TABLE: Final = Path(__file__).with_name("matrix.txt")
CODES: Final = {
    "PRIVS_NEEDED": "priv",
    "ACCOUNT_REQUIRED": "acc",
    "OUT_OF_SCOPE": "oos",
    "NO_PRIVILEGES": "rank",
    "INVALID_PARAMS": "par",
    "INVALID_TARGET": "tgt",
    "INVALID_CREDENTIALS": "cred",
    "INVALID_CODE": "code",
    "INVALID_NICK": "nick",
    "NOT_CONFIRMED": "sure",
    "NOT_FOUND": "none",
    "NO_SUCH_CHANNEL": "noch",
    "ALREADY_AUTHENTICATED": "auth",
    "ALREADY_REGISTERED": "twice",
    "ACCOUNT_UNKNOWN": "noacc",
    "ACCOUNT_EXISTS": "taken",
    "ALREADY_VERIFIED": "ver",
    "KEY_NO_PERMISSION": "key",
    "REDACT_FORBIDDEN": "forb",
    "EDITS_FORBIDDEN": "forb",
    "UNKNOWN_MSGID": "noid",
    "WRONG_PASSWORD": "pw",
    "STILL_CLOSED": "shut",
    "CANNOT_RENAME": "name",
    "OTHER_SESSIONS": "more",
    "NO_SUCH_BAN": "noban",
    "INVALID_LEVEL": "level",
    "NOT_REGISTERED": "unreg",
    "BAD_ACCOUNT_NAME": "bad",
    "ACCOUNT_NAME_MUST_BE_NICK": "nick=",
    "UNAVAILABLE": "n/a",
    "MULTILINE_INVALID": "multi",
    "REAUTH_REQUIRED": "again",
}
"""The codes of FAIL as cells show them; others stand as they are."""


def rows() -> dict[str, list[str]]:
    """Return the cells of each row, by the lines that are sent; none where they are yet to be."""
    found: dict[str, list[str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        sent, _, cells = line.partition(" | ")
        found[sent.strip()] = cells.split()
    return found


def tried(sent: str) -> list[str]:
    """Return the cells of a row as the rules are."""
    cells = []
    for who in WHO:
        cell = attempt(who, sent).cell
        mark = "!" if cell.endswith("!") else ""
        word = cell.removesuffix("!")
        cells.append(CODES.get(word, word) + mark)
    return cells


def anew() -> str:
    """Return the table as it is under the rules that are there."""
    found = rows()
    if not found:
        sys.exit(f"{TABLE} has no row, perhaps by a `>`: get it back with git, and use --write")
    width = max(map(len, found))
    lines = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            lines.append(line)
            continue
        sent = line.partition(" | ")[0].strip()
        cells = " ".join(f"{cell:<6}" for cell in tried(sent))
        lines.append(f"{sent:<{width}} | {cells}".rstrip())
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the table anew, or write it."""
    parser = argparse.ArgumentParser("python -m tests.insiders.matrix", description=main.__doc__)
    parser.add_argument("--write", action="store_true", help=f"replace {TABLE.name}")
    write = parser.parse_args().write
    # All of it first: what goes wrong in the middle leaves the file as it is.
    table = anew()
    if not write:
        sys.stdout.write(table)
        return
    draft = TABLE.with_suffix(".new")
    draft.write_text(table, encoding="utf-8")
    draft.replace(TABLE)


if __name__ == "__main__":
    main()
