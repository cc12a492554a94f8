"""Tokens of this device: in a private file, or in a keyring where there is one."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from hubbub.terminal.tokens import KeptToken, Tokens

ANN = KeptToken("ann", "chat@here", "hub_ann")
BOB = KeptToken("Bob", "chat@here", "hub_bob")


@pytest.fixture
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tokens:
    monkeypatch.setitem(sys.modules, "keyring", None)
    return Tokens(tmp_path / "config/tokens.json", "h:1")


def test_a_token_is_kept_for_each_account_of_each_server(tokens: Tokens, tmp_path: Path) -> None:
    assert tokens.find() is None
    tokens.keep(ANN)
    assert tokens.keep(BOB) == str(tmp_path / "config/tokens.json")
    assert (tokens.find("ANN"), tokens.find("bob"), tokens.find()) == (ANN, BOB, BOB)
    tokens.keep(ANN)
    assert tokens.find() == ANN
    assert tokens.find("carl") is None
    other = Tokens(tmp_path / "config/tokens.json", "h:2")
    assert other.find() is None
    other.keep(BOB)
    tokens.forget("bob")
    assert (tokens.find("bob"), other.find("bob")) == (None, BOB)


def test_the_file_is_its_owners_only(tokens: Tokens, tmp_path: Path) -> None:
    tokens.keep(ANN)
    assert (tmp_path / "config/tokens.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "[]", '{"h:1": 3}', '{"h:1": {"ann": {"name": 1}}}', "{"])
def test_a_broken_file_is_as_good_as_none(tokens: Tokens, tmp_path: Path, text: str) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/tokens.json").write_text(text)
    assert tokens.find("ann") is None
    tokens.keep(ANN)
    assert tokens.find("ann") == ANN


class Keyring(ModuleType):
    """Stand in for the optional library, which may not be installed."""

    class KeyringError(Exception):
        """What all its errors are."""

    def __init__(self, broken: str = "") -> None:
        super().__init__("keyring")
        self.errors = SimpleNamespace(KeyringError=self.KeyringError)
        self.held: dict[tuple[str, str], str] = {}
        self.broken = broken

    def set_password(self, service: str, name: str, secret: str) -> None:
        if self.broken == "refuses":
            raise self.KeyringError
        if not self.broken:
            self.held[service, name] = secret

    def get_password(self, service: str, name: str) -> str | None:
        return self.held.get((service, name))

    def delete_password(self, service: str, name: str) -> None:
        if (service, name) not in self.held:
            raise self.KeyringError
        del self.held[service, name]


def test_a_keyring_is_preferred_and_the_file_then_holds_no_secret(
    tokens: Tokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = Keyring()
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    assert tokens.keep(ANN) == "your keyring"
    assert keyring.held == {("hubbub", "ann@h:1"): "hub_ann"}
    assert "hub_ann" not in (tmp_path / "config/tokens.json").read_text()
    assert tokens.find() == ANN
    tokens.forget("ann")
    assert (keyring.held, tokens.find()) == ({}, None)


@pytest.mark.parametrize("broken", ["refuses", "forgets"])
def test_a_keyring_that_keeps_nothing_is_not_relied_on(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", Keyring(broken))
    tokens.keep(ANN)
    assert tokens.find("ann") == ANN
