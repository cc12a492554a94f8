"""The data directory: private, writable, one server at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from hubbub.server.data_directory import LOCK_NAME, DataDirectory
from hubbub.settings import SettingsError


def test_made_private(tmp_path: Path) -> None:
    with DataDirectory(tmp_path / "a" / "b") as directory:
        assert directory.path.stat().st_mode & 0o777 == 0o700
        assert (directory.path / LOCK_NAME).stat().st_mode & 0o777 == 0o600
        assert [each.name for each in directory.path.iterdir()] == [LOCK_NAME]


def test_under_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(SettingsError, match=r"data_dir .* cannot be written: .*--data"):
            DataDirectory(path)


def test_not_writable() -> None:
    # Even root cannot make files there.
    with pytest.raises(SettingsError, match="data_dir /proc/self cannot be written"):
        DataDirectory(Path("/proc/self"))


def test_one_server_at_a_time(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from hubbub.server.data_directory import DataDirectory\n"
        "with DataDirectory(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(
            SettingsError, match=rf"in use by another server \(process {holder.pid}\)"
        ):
            DataDirectory(tmp_path)
        holder.kill()
    # The system lets go of what a killed process held.
    DataDirectory(tmp_path).close()
    DataDirectory(tmp_path).close()
