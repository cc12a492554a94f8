"""What a server says it can do: RPL_ISUPPORT, with what holds where it says nothing."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from hubbub.irc import names

_DEFAULTS = {"CHANTYPES": "#&", "PREFIX": "(ov)@+", "CASEMAPPING": "rfc1459"}
_RFC1459 = str.maketrans("[]\\~", "{}|^")
_NUMBER_LIMIT = 100_000


class ISupport:
    """Keep the tokens of RPL_ISUPPORT (Modern IRC, RPL_ISUPPORT parameters).

    `prefixes` maps the status modes to their prefixes, highest first: {"o": "@", "v": "+"}.
    """

    def __init__(self) -> None:
        self._tokens = dict(_DEFAULTS)
        self._settle()

    def update(self, tokens: Iterable[str]) -> None:
        """Take up tokens; `-NAME` takes one back."""
        for token in tokens:
            name, value = _split(token)
            if name.startswith("-"):
                self._tokens.pop(name[1:], None)
            elif name:
                self._tokens[name] = value
        self._settle()

    def _settle(self) -> None:
        """Work out what is asked for with every message."""
        self._ascii = self.text("CASEMAPPING") == "ascii"
        self._channel_types = self.text("CHANTYPES") or "#"
        letters, _, signs = self.text("PREFIX").removeprefix("(").partition(")")
        self.prefixes = dict(zip(letters, signs, strict=False))
        self._signs = "".join(self.prefixes.values())

    def has(self, name: str) -> bool:
        """Say whether the server named this token."""
        return name in self._tokens

    def text(self, name: str) -> str:
        """Return a token's value, or ""."""
        return self._tokens.get(name, "")

    def number(self, name: str, default: int) -> int:
        """Return a token's value as a positive number, or the default."""
        value = self._tokens.get(name, "")
        if not (value.isascii() and value.isdigit() and len(value) <= 9):
            return default
        return min(int(value), _NUMBER_LIMIT) or default

    def fold(self, name: str) -> str:
        """Return the form of a name under which it is looked up on this server."""
        return _fold_ascii(name) if self._ascii else _fold_rfc1459(name)

    def is_channel(self, target: str) -> bool:
        """Say whether a target is a channel; one with a status prefix (`@#c`) is not."""
        return bool(target) and target[0] in self._channel_types

    def split_prefix(self, name: str) -> tuple[str, str]:
        """Return the status prefixes before a name, and the name."""
        if name[:1] not in self._signs:
            return "", name
        bare = name.lstrip(self._signs)
        return name[: len(name) - len(bare)], bare


@lru_cache(maxsize=4096)
def _fold_ascii(name: str) -> str:
    return names.fold(name)


@lru_cache(maxsize=4096)
def _fold_rfc1459(name: str) -> str:
    return names.fold(name).translate(_RFC1459)


@lru_cache(maxsize=256)
def _split(token: str) -> tuple[str, str]:
    """Return a token's name and value; the same texts for all sessions in one process."""
    name, _, value = token.partition("=")
    return name, value
