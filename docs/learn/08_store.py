"""Store, then tell: what is lost when a server is killed: `python docs/learn/08_store.py`.

Three servers say "kept" for each line that they take. One has only put it into its program's
buffer, one has handed it to the system, one has waited for the disk. Each is killed, and what it
said is compared with what its file has.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

MESSAGES = 1000


def buffered(file: BinaryIO) -> None:
    """Do nothing: the line is in the memory of this program, and dies with it."""


def flushed(file: BinaryIO) -> None:
    """Hand it to the system: it lives on when this program is killed, and dies with the power."""
    file.flush()


def synced(file: BinaryIO) -> None:
    """Wait until the disk has it."""
    file.flush()
    os.fdatasync(file.fileno())


WAYS = {"buffered": buffered, "flushed": flushed, "synced": synced}


def serve(way: str, path: Path, port: int) -> None:
    """Take lines from one client, store each in this way, and only then say that it is kept."""
    store = WAYS[way]
    with socket.create_server(("127.0.0.1", port)) as listening, path.open("ab") as file:
        print(listening.getsockname()[1], flush=True)
        client, _ = listening.accept()
        for line in client.makefile("rb"):
            file.write(line)
            store(file)
            client.sendall(b"kept " + line)


def experiment(way: str, path: Path) -> tuple[int, int, float]:
    """Return how many lines were said to be kept, how many of them are lost, and ms a line."""
    command = [sys.executable, __file__, way, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        address = ("127.0.0.1", int(server.stdout.readline()))
        with socket.create_connection(address) as connection:
            answers = connection.makefile("rb")
            said = []
            began = time.monotonic()
            for number in range(MESSAGES):
                connection.sendall(b"message %d\n" % number)
                said.append(answers.readline().removeprefix(b"kept "))
            seconds = time.monotonic() - began
            server.send_signal(signal.SIGKILL)
    there = set(path.read_bytes().splitlines(keepends=True))
    return len(said), sum(line not in there for line in said), 1000 * seconds / MESSAGES


def main() -> None:
    print("            said to be kept   lost   ms a message")
    with tempfile.TemporaryDirectory(dir=".") as folder:
        for way in WAYS:
            said, lost, each = experiment(way, Path(folder, way))
            print(f"{way:<10} {said:>16} {lost:>6} {each:>14.2f}")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        serve(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    else:
        main()
