"""By which settings a running server goes, read from real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hubbub.server.checks.running.started_with import StartedWith


def test_what_a_server_was_started_with(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print(flush=True); input()", "serve", "--config", "own.toml"]
    with subprocess.Popen(
        command, env={"HUBBUB_NAME": "a=b"}, cwd=tmp_path, stdin=-1, stdout=-1
    ) as process:
        assert process.stdout is not None
        # It has begun: until then it may be this program still.
        process.stdout.readline()
        found = StartedWith.of(str(process.pid))
        process.communicate(b"\n")
    assert found is not None
    assert (found.environ["HUBBUB_NAME"], found.cwd) == ("a=b", tmp_path)
    assert found.argument("--config") == tmp_path / "own.toml"
    assert found.argument("--data") is None
    assert StartedWith.of(str(process.pid)) is None


def test_another_process_of_that_number_is_no_server() -> None:
    assert StartedWith.of(str(os.getpid())) is None
    assert StartedWith({}, Path("/x"), ("serve", "--data=d")).argument("--data") == Path("/x/d")
