"""A machine in namespaces of its own, with systemd as its first process."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from tests.deploy.programs import program, root_needed

PATIENCE: Final = 60.0
CLONE_NEWNET: Final = 0x40000000
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
"""Root's, in Debian."""
POWER_OFF: Final = signal.SIGRTMIN + 4
"""What systemd takes for an order to power off (systemd(1), SIGNALS)."""
# The control groups as a new machine has them (version 2 at their place), whatever this one has: a
# systemd of today does not boot with the old ones. What is written goes to a layer of the machine's
# own, in memory: a package is written with a sync for each file. All that is mounted here ends with
# the namespace, and its group of processes is taken away.
_BOOT: Final = """
set -eu
if mountpoint -q /sys/fs/cgroup; then umount --recursive /sys/fs/cgroup; fi
mount -t cgroup2 cgroup2 /sys/fs/cgroup
group=/sys/fs/cgroup/$4
mkdir "$group"
trap 'echo $$ >/sys/fs/cgroup/cgroup.procs; find "$group" -depth -type d -exec rmdir {} +' EXIT
echo $$ >"$group/cgroup.procs"
mount -t tmpfs -o size=4g,mode=0755 tmpfs "$2"
mkdir "$2/upper" "$2/work" "$2/root"
mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" overlay "$2/root"
"$3" --boot --quiet --directory="$2/root" --machine="$4" --register=no --keep-unit \
  --console=pipe --private-network
"""
T = TypeVar("T")


class Machine:
    """Hold a running machine, whose first process is `leader`; it has a loopback of its own."""

    def __init__(self, leader: int) -> None:
        self.leader = leader

    def run(self, *command: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command in the machine, as root, to its end; `text` is its standard input."""
        return subprocess.run(
            [
                *("nsenter", "--all", f"--target={self.leader}"),
                *("env", "-i", f"PATH={PATH}", "LANG=C.UTF-8", "SYSTEMD_PAGER="),
                *(str(word) for word in command),
            ],
            check=False,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )

    def __call__(self, *command: str | Path, text: str = "") -> str:
        """Run a command in the machine; return what it printed. All is told where it fails."""
        done = self.run(*command, text=text)
        if done.returncode != 0:
            done.stdout += self.run("journalctl", "--boot", "--no-pager", "--lines=50").stdout
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout.strip()

    def path(self, path: str) -> Path:
        """Return where a file of the machine is found from here."""
        return Path(f"/proc/{self.leader}/root{path}")

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file, with its folders."""
        target = self.path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    def property(self, unit: str, name: str) -> str:
        """Return what systemd says of a unit."""
        return self("systemctl", "show", "--value", f"--property={name}", unit)

    def until(self, condition: Callable[[], bool], unit: str) -> None:
        """Look again and again, for systemd tells of nothing by itself."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self("systemctl", "status", "--lines=50", unit)
            time.sleep(0.1)

    def in_its_network(self, make: Callable[[], T]) -> T:
        """Call something that opens sockets, such as a client, as if from the machine's network.

        The sockets stay in that network; nothing else of this process does.
        """

        def there() -> T:
            libc = ctypes.CDLL(None, use_errno=True)
            network = os.open(f"/proc/{self.leader}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            try:
                if libc.setns(network, CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "cannot enter the machine's network")
            finally:
                os.close(network)
            return make()

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(there).result()


@contextmanager
def booted(root: Path, folder: Path) -> Iterator[Machine]:
    """Boot what is in `root`, which stays as it is; the machine is put together in `folder`."""
    root_needed()
    nspawn = program("systemd-nspawn", "systemd-container")
    log = folder / "boot.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *("unshare", "--mount", "--propagation", "private", "sh", "-c", _BOOT, "boot"),
                *(str(root), str(folder), nspawn, f"hubbub-{os.getpid()}-{folder.name}"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Machine(_leader(process, log))
    finally:
        for leader in _leaders(process.pid):
            os.kill(leader, POWER_OFF)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise


def _children(pid: int) -> list[int]:
    """Return the children of a process, none where it is gone."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _leaders(pid: int) -> list[int]:
    """Return the first processes of the machine that a process has booted: none yet, or one."""
    return [leader for nspawn in _children(pid) for leader in _children(nspawn)]


def _leader(process: subprocess.Popen[bytes], log: Path) -> int:
    """Wait until the machine has booted; return its first process."""
    deadline = time.monotonic() + PATIENCE
    state = ""
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        for leader in _leaders(process.pid):
            machine = Machine(leader)
            state = machine.run("systemctl", "is-system-running", "--wait").stdout.strip()
            if state == "running":
                return leader
            assert state != "degraded", machine("systemctl", "--failed")
        time.sleep(0.1)
    raise AssertionError(f"{state}\n{log.read_text()}")
