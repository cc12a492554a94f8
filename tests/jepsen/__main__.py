"""Break a cluster of three in every way there is, and check what it says of it.

Run as root: python -m tests.jepsen [--faults N] [--only WORDS] [--page PAGE]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.jepsen.campaign import campaign
from tests.jepsen.nemeses import NEMESES
from tests.jepsen.table import put_into, table

INSIDE = "HUBBUB_JEPSEN_INSIDE"
"""Says that this process is in a network namespace of its own."""


def main() -> int:
    """Run the campaigns and print the table; return 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.jepsen")
    parser.add_argument("--faults", type=int, default=12, help="how often each strikes (12)")
    parser.add_argument("--only", default="", help="only those whose name has these words")
    parser.add_argument("--seed", type=int, default=1, help="which of the possible runs (1)")
    parser.add_argument("--page", type=Path, help="put the table into this page")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("this makes network namespaces: run it as root")
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        again = [sys.executable, "-m", "tests.jepsen", *sys.argv[1:]]
        os.execvp("unshare", ["unshare", "--net", *again])  # noqa: S606
    found = []
    for nemesis in NEMESES:
        if arguments.only not in nemesis.name:
            continue
        with tempfile.TemporaryDirectory(prefix="jepsen-", dir="/var/tmp") as folder:
            one = campaign(nemesis, arguments.faults, Path(folder), arguments.seed)
        found.append(one)
        _say(table([one]).splitlines()[-1])
        for words in one.wrong[:10]:
            _say(f"  WRONG {words}")
    _say(table(found))
    if arguments.page is not None:
        page = arguments.page.read_text("utf-8")
        arguments.page.write_text(put_into(page, table(found)), "utf-8")
    return 1 if any(one.wrong for one in found) else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
