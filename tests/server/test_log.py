"""Lines of the log, for eyes and for machines."""

import io
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from hubbub.server.log import configure_log
from hubbub.settings import Log
from tests.e2e.server import Server

_log = structlog.get_logger("hubbub.node.hub")


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def test_json() -> None:
    stream = io.StringIO()
    configure_log(Log(format="json"), stream)
    _log.warning("refused", address="a\x1b[2J\u009b")
    logging.getLogger("asyncio").error("slow %s", "callback")
    own, foreign = (json.loads(line) for line in stream.getvalue().splitlines())
    assert own.pop("timestamp") <= foreign.pop("timestamp")
    assert own == {
        "event": "refused",
        "level": "warning",
        "logger": "hubbub.node.hub",
        "address": "a\x1b[2J\u009b",
    }
    assert foreign == {"event": "slow callback", "level": "error", "logger": "asyncio"}
    assert stream.getvalue().isascii()


def test_console_shows_no_control_characters() -> None:
    stream = io.StringIO()
    configure_log(Log(), stream)
    _log.info("said", text="a\x1b[2J\u009b\u202eb\nforged line")
    logging.getLogger("asyncio").error("bad \x1b[2J name")
    text = stream.getvalue()
    assert text.count("\n") == 2
    assert all(char.isprintable() for char in text.replace("\n", ""))
    assert "a<U+001B>[2J<U+009B>" in text


def test_level() -> None:
    stream = io.StringIO()
    configure_log(Log(level="warning"), stream)
    _log.info("quiet")
    logging.getLogger("x").info("quiet")
    assert stream.getvalue() == ""
    configure_log(Log(level="info"), stream)
    _log.info("loud")
    assert "loud" in stream.getvalue()


@pytest.mark.parametrize("form", ["console", "json"])
def test_exceptions_have_their_traceback(form: str) -> None:
    stream = io.StringIO()
    configure_log(Log.model_validate({"format": form}), stream)
    try:
        raise ValueError("why")
    except ValueError:
        _log.exception("failed")
    assert "Traceback" in stream.getvalue()
    assert "ValueError: why" in stream.getvalue()


UNCAUGHT = """if True:
    import asyncio, json, sys, threading, warnings
    import structlog, uvloop
    from hubbub.server.log import configure_log, log_uncaught
    from hubbub.settings import Log

    class Broken:
        def __del__(self):
            raise ValueError("in a destructor")

    async def fail(where):
        raise ValueError(where)

    async def main():
        loop = asyncio.get_running_loop()
        loop.call_soon(lambda: 1 / 0)
        task = loop.create_task(fail("in a task"))
        await asyncio.sleep(0)
        del task
        thread = threading.Thread(target=lambda: {}["in a thread"], name="worker")
        thread.start()
        await asyncio.to_thread(thread.join)

    configure_log(Log(format="json"))
    log_uncaught()
    warnings.warn("a warning\\nof two lines", stacklevel=1)
    Broken()
    uvloop.run(main())
    raise KeyError("at the end")
"""


def test_what_python_would_print_by_itself_is_json_too() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", UNCAUGHT], capture_output=True, text=True
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert (done.returncode, done.stdout) == (1, "")
    told = [(line["level"], f"{line['event']} {line.get('exception', '')}") for line in lines]
    for level, said in (
        ("warning", "a warning\nof two lines"),
        ("error", "in a destructor"),
        ("error", "ZeroDivisionError"),
        ("error", "in a task"),
        ("error", "in a thread"),
        ("critical", "at the end"),
    ):
        assert any(level == at and said in text for at, text in told), (said, told)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_server_whose_output_finds_no_room_serves_on(tmp_path: Path, log_format: str) -> None:
    # As where the log lies on a full disk: each line would end what it tells of.
    settings = Server(tmp_path / "data", HUBBUB_LOG__FORMAT=log_format).settings
    words = [sys.executable, "-m", "hubbub"]
    data = ("--data", str(tmp_path / "data"))
    with open("/dev/full", "w") as full:
        serving = subprocess.Popen(
            [*words, "serve", *data], env={**os.environ, **settings}, stdout=full, stderr=full
        )
    try:
        for command in ("health", "reload", "health"):
            assert succeeds([*words, command, *data])
    finally:
        serving.terminate()
        assert serving.wait(20) == 0


def succeeds(words: list[str], seconds: float = 20.0) -> bool:
    """Say whether a command that asks a server is answered in time."""
    deadline = time.monotonic() + seconds
    while subprocess.run(words, capture_output=True, check=False).returncode:
        if time.monotonic() > deadline:
            return False
    return True
