"""The commands, as a shell runs them."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from hubbub import CODE, __version__
from hubbub.commit import shown
from hubbub.passwords.argon2 import verify_password


def hubbub(
    *arguments: str, cwd: Path, given: str | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hubbub", *arguments],
        cwd=cwd,
        env={"HOME": str(cwd), "PATH": "/usr/bin:/bin", **environ},
        input=given,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_version(tmp_path: Path) -> None:
    assert hubbub("--version", cwd=tmp_path).stdout == f"{shown(__version__)}\n"


def test_version_says_which_twin_runs(tmp_path: Path) -> None:
    # What keeps the compiled twin from running there keeps it here, too.
    pure = {"PURE_PYTHON": "1"} if os.environ.get("PURE_PYTHON") else {}
    first, *more = hubbub("version", cwd=tmp_path, **pure).stdout.splitlines()
    assert first.startswith(shown(__version__))
    assert first.endswith(f", {CODE}, Python {platform.python_version()}")
    assert more == [CODE.reason][: bool(CODE.reason)]


def test_help_names_every_command(tmp_path: Path) -> None:
    text = hubbub("--help", cwd=tmp_path).stdout
    for command in ("serve", "chat", "hash-password", "bench", "Exit codes"):
        assert command in text


def test_help_loads_no_server(tmp_path: Path) -> None:
    code = "import sys; sys.argv = ['hubbub', '--help']; from hubbub.cli.commands import app\n" + (
        "app(standalone_mode=False)\n"
        "heavy = {'pydantic', 'asyncio', 'ssl', 'apsw', 'structlog', 'rich'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"HUBBUB_NMAE": "x"}, "HUBBUB_NMAE is no setting; did you mean HUBBUB_NAME?"),
        ({"IP_ADDRESS": "0.0.0.0"}, "access is not set"),  # noqa: S104
        ({"HUBBUB_CONFIG": "none\x1b[2J.toml"}, "none [2J.toml cannot be read"),
    ],
)
def test_refusals(tmp_path: Path, environ: dict[str, str], expected: str) -> None:
    done = hubbub("serve", cwd=tmp_path, **environ)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("hubbub: ")
    assert expected in done.stderr
    assert done.stderr.count("\n") == 1


def test_wrong_usage(tmp_path: Path) -> None:
    done = hubbub("serve", "--port", "1", cwd=tmp_path)
    assert done.returncode == 2
    assert "No such option" in done.stderr


def test_password_from_a_pipe(tmp_path: Path) -> None:
    done = hubbub("hash-password", cwd=tmp_path, given="correct horse\nnot this\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert verify_password(done.stdout.strip(), "correct horse")


def test_no_password(tmp_path: Path) -> None:
    done = hubbub("hash-password", cwd=tmp_path, given="")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "hubbub: the password is empty\n"


def test_password_is_no_argument(tmp_path: Path) -> None:
    assert hubbub("hash-password", "correct horse", cwd=tmp_path).returncode == 2


def _typed(first: str, second: str, cwd: Path) -> tuple[str, int | None]:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "hubbub", "hash-password"],
        cwd=str(cwd),
        encoding="utf-8",
        timeout=20,
    )
    child.expect_exact("Password: ")
    child.sendline(first)
    child.expect_exact("Again: ")
    child.sendline(second)
    text: str = child.read()
    child.close()
    return text, child.exitstatus


def test_password_typed_twice_without_echo(tmp_path: Path) -> None:
    text, code = _typed("correct horse", "correct horse", tmp_path)
    assert code == 0
    assert "correct" not in text
    assert verify_password(text.strip(), "correct horse")


def test_password_typed_differently(tmp_path: Path) -> None:
    text, code = _typed("correct horse", "correct house", tmp_path)
    assert code == 1
    assert "the two passwords differ" in text


@pytest.mark.parametrize(
    "environ",
    [
        {"HUBBUB_CONFIG": "missing.toml"},
        {"HUBBUB_NMAE": "x"},
        {"HUBBUB_DATA_DIR": "/dev/null/x"},
        {
            "HUBBUB_DOORS__TLS": "127.0.0.1:0",
            "HUBBUB_TLS__KEY": "k",
            "HUBBUB_TLS__CERTIFICATE": "c",
        },
    ],
)
def test_where_the_log_is_json_so_is_what_a_start_is_refused_for(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    done = hubbub("serve", cwd=tmp_path, **environ, HUBBUB_LOG__FORMAT="json")
    assert (done.returncode, done.stdout) == (2, "")
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in told] == ["the server does not start"]
    assert told[0]["level"] == "critical"
    assert told[0]["error"]
