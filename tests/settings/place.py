"""A directory with settings in it, for the tests of what reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from hubbub.settings import Settings, SettingsError, load_settings


class Place:
    """Hold a directory to write settings into, and load them from there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def toml(self, text: str) -> None:
        (self.path / "hubbub.toml").write_text(text)

    def dotenv(self, text: str) -> None:
        (self.path / ".env").write_text(text)

    def load(
        self, environ: Mapping[str, str] = {}, config: Path | None = None, data: Path | None = None
    ) -> Settings:
        return load_settings(config, data, environ, self.path)

    def refusal(self, environ: Mapping[str, str] = {}) -> str:
        with pytest.raises(SettingsError) as caught:
            self.load(environ)
        message = str(caught.value)
        assert "\n" not in message
        return message
