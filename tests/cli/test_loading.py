from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from hubbub.cli.loading import left_out
from tests.e2e.server import Server

UNUSED = {
    *("rich.console", "pygments.lexers", "attr"),
    *("aiosmtplib", "smtplib", "email.policy"),
    *("segno", "scramp", "asn1crypto", "urllib.request", "http.client"),
    *("unittest", "sqlite3", "hubbub.bench"),
}
"""What a library would load for something that a server never does, or not before somebody asks."""


def test_a_server_starts_without_what_it_does_not_use(tmp_path: Path) -> None:
    doors = {"HUBBUB_DOORS__SSH": '["127.0.0.1:0"]'}
    server = Server(tmp_path / "data", PYTHONPROFILEIMPORTTIME="1", **doors)
    server.start()
    server.stop()
    loaded = re.findall(r"^import time:.*\| +(\S+)$", server.log.read_text(), re.M)
    assert {"structlog", "asyncssh", "hubbub.ssh.door"} <= set(loaded)
    assert UNUSED.isdisjoint(loaded)


def test_what_is_left_out_can_be_loaded_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "this", raising=False)
    with left_out("this"), pytest.raises(ModuleNotFoundError):
        import this  # noqa: F401
    assert "this" not in sys.modules


def test_what_is_loaded_already_stays() -> None:
    with left_out("re"):
        assert sys.modules["re"] is re
    assert sys.modules["re"] is re
