"""Clients that share a channel, and vanish at one moment.

    python -m hubbub.bench.loads.vanishing PLAIN-PORT COUNT AT-ONCE

says `ready` when all are in, and waits to be killed: then the system closes all their sockets at
once. It is a process of its own, with the lowest priority, so that the one that measures beside it
does none of that work and is disturbed little.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass

from hubbub.bench.contestants.servers import Ports
from hubbub.bench.loads.crowd import PATIENCE, ClientCrowd, join, register


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """A server that another process started and looks after."""

    address: Ports
    at_once: int

    def check(self) -> None:
        """Say nothing: it is looked after."""


def _gather(port: int, count: int, at_once: int) -> None:
    crowd = ClientCrowd(_Elsewhere(Ports(port, 0, 0), at_once), tls=False)
    nicks = [f"v{number:05d}" for number in range(count)]
    # Of thousands each is told of thousands, and they are the last to get a processor.
    patience = PATIENCE * (1 + count // 1000)
    crowd.enter(nicks, lambda peer: [register(peer), join(peer, "#vanish")], patience=patience)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    signal.pause()


if __name__ == "__main__":
    os.nice(19)
    _gather(*map(int, sys.argv[1:4]))
