"""A wheel knows its commit."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from tools.measure import ROOT
from tools.wheel_hook import WheelHook


def packed(version: str = "standard") -> dict[str, str]:
    """Return what the hook adds to what is packed: paths in the wheel and what is in them."""
    hook = WheelHook(str(ROOT), {}, cast(Any, None), cast(Any, None), "", "wheel")
    data: dict[str, Any] = {"force_include": {}}
    hook.initialize(version, data)
    found = {inside: Path(file).read_text() for file, inside in data["force_include"].items()}
    hook.finalize(version, data, "")
    return found


def test_what_is_told_is_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_COMMIT", "ab" * 20)
    assert packed() == {"hubbub/commit.txt": f"{'ab' * 20}\n"}


def test_an_editable_install_reads_the_clone_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_COMMIT", "ab" * 20)
    assert packed("editable") == {}
