"""The proxy says where it listens and with what; it makes its own certificate, for nobody else."""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path

import pytest

from hubbub.wire.failures import WireCode
from hubbub.wire.proxying.proxy import own_certificate
from tests.wire.looking import Proxy, look, peer, until_closed


def test_the_key_is_left_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    context, shown = own_certificate(("localhost", "127.0.0.1"))
    assert isinstance(context, ssl.SSLContext)
    assert shown.count(":") == 31
    assert os.listdir(tmp_path) == []


def test_what_cannot_be_listened_on_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with peer(until_closed) as port:
        shown = look(capsys, "irc://127.0.0.1", proxy=str(port))
    assert shown.code == WireCode.CANNOT_REACH
    assert f"cannot listen on 127.0.0.1:{port}" in shown.error


def test_it_says_what_it_is_and_ends_with_ctrl_c() -> None:
    with Proxy("ssh://127.0.0.1:1", "--lesson") as proxy:
        shown = proxy.end()
    assert (shown.code, shown.error) == (130, "")
    assert "SHA256:" in shown.one("host key made for this run")["what"]
    assert "lesson" in shown.one("host key made for this run")
