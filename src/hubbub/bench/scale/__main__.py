"""Ask the model: python -m hubbub.bench.scale [PAGE]; with a page, put its tables in there."""

from __future__ import annotations

import sys
from pathlib import Path

from hubbub.bench.scale.costs import Costs
from hubbub.bench.scale.page import put_into, tables


def main(arguments: list[str]) -> int:
    """Print the tables, or write them into a page; return the exit code."""
    found = tables(Costs())
    if not arguments:
        sys.stdout.write(found + "\n")
        return 0
    path = Path(arguments[0])
    path.write_text(put_into(path.read_text("utf-8"), found), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
