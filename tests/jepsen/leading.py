"""Which machine's server leads the log, asked from within its namespace."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from tests.jepsen.machines import LISTEN, Machine


def leader_of(cluster: Sequence[Machine]) -> int:
    """Return the number of the machine that leads, as the first one says that knows."""
    said = []
    for machine in cluster:
        directory = str(machine.server.directory)
        found = subprocess.run(
            machine.inside(sys.executable, "-m", "tests.jepsen.leading", directory),
            check=False,
            capture_output=True,
            text=True,
        )
        if found.returncode == 0:
            return int(found.stdout.split()[-1])
        said.append(found.stderr)
    raise AssertionError("\n".join(said))


def main(directory: str) -> int:
    """Print the number of the node whose server leads, as the server on this machine says."""
    from pathlib import Path

    from tests.cluster.members import leader_at

    number = leader_at(Path(directory), f"127.0.0.1:{LISTEN}")
    # After what is logged on the way.
    sys.stdout.write(f"\n{number}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
