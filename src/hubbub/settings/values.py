"""The types of single values: what each may be, and the form in which it is kept.

What is no such value raises ValueError with what it must be; the name of the setting comes before
that (see `explain`). A value that is not even of the right kind is left as it is: pydantic says so.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator

from hubbub.core.commands.accounts.mail import is_address
from hubbub.core.policy.privileges import CLASSES
from hubbub.settings.address import Address, parse_address, parse_network

_SERVER_NAME = re.compile(r"(?=.{3,63}\Z)[A-Za-z0-9]([A-Za-z0-9-]*)(\.[A-Za-z0-9][A-Za-z0-9-]*)+\Z")
_ARGON2ID = re.compile(
    r"\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}"
)
_CHANNEL_PATTERN = re.compile(r"#[^\x00-\x20,\x7f]*\Z")
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\x00-\x20/?#@\x7f]+\Z")
_URL = re.compile(r"(nats|tls)://[^\x00-\x20/?#@\x7f]+:\d{1,5}\Z")
_URL_SECRET = re.compile("//.*@")
_DEFAULT_PORT = re.compile(r"(?<=\Ahttps://)(.*):443\Z|(?<=\Ahttp://)(.*):80\Z")
_MAIL_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}\Z")
_OPERATOR_NAME = re.compile(r"[^\x00-\x20:\x7f][^\x00-\x20\x7f]*\Z")


def _listed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _addresses(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    if not all(isinstance(item, str) for item in value):
        raise ValueError('must be a list of texts such as ["127.0.0.1:6697"]')
    return tuple(address for item in value for address in parse_address(item))


def expanded(text: str) -> Path:
    """Return a path, `~` in it replaced.

    Raise ValueError where nobody knows a home directory, and of what can be no path.
    """
    if "\0" in text:
        raise ValueError("holds a NUL, which no path can; remove it")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        # A container's or a service's user may have neither HOME nor an entry in passwd.
        raise ValueError(
            f'begins with "~", but no home directory is known of user {os.getuid()}; write the '
            "whole path, or set HOME"
        ) from None


def _path(value: Any) -> Any:
    return expanded(value) if isinstance(value, str) and value else value


def _paths(value: Any) -> Any:
    return tuple(_path(item) for item in value) if isinstance(value, list) else value


def _server_name(value: str) -> str:
    if not _SERVER_NAME.match(value):
        raise ValueError(
            "must look like a host name with at least one dot, such as chat.example.org"
            " (letters, digits, dots, hyphens; at most 63)"
        )
    return value


def _one_word(value: str) -> str:
    if not value or not value.isprintable() or " " in value or len(value.encode()) > 64:
        raise ValueError("must be one word of 1 to 64 bytes, without spaces")
    return value


def _icon(value: str) -> str:
    visible = value.isascii() and value.isprintable() and " " not in value
    if value and not (visible and value.startswith("https://") and len(value) <= 250):
        raise ValueError("must be an https:// URL of at most 250 ASCII characters")
    return value


def _one_line(value: str) -> str:
    if value and (not value.isprintable() or len(value.encode()) > 300):
        raise ValueError("must be one line of at most 300 bytes without control characters")
    return value


def _mail_host(value: str) -> str:
    if value and not _MAIL_HOST.match(value):
        raise ValueError('must be a host name or an address, such as "mail.example.org"')
    return value


def _sender(value: str) -> str:
    if value and not is_address(value):
        raise ValueError('must be an e-mail address, such as "chat@example.org"')
    return value


def _motd(value: str) -> str:
    if any(not line.replace("\t", " ").isprintable() for line in value.split("\n")):
        raise ValueError("must not hold control characters")
    return value


def _argon2id(value: str) -> str:
    if not _ARGON2ID.fullmatch(value):
        raise ValueError("must be an argon2id hash, as `hubbub hash-password` prints one")
    return value


def _operator_name(value: str) -> str:
    if not _OPERATOR_NAME.match(value):
        raise ValueError("is not a name that OPER can send: one word, not beginning with a colon")
    return value


def _operator_class(value: str) -> str:
    if value not in CLASSES:
        raise ValueError(f"must have one of the classes {', '.join(CLASSES)}")
    return value


def _operator_classes(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_operator_class, value))


def _patterns(value: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in value:
        if not _CHANNEL_PATTERN.match(pattern):
            raise ValueError(
                f'"{pattern}" is not a channel or a pattern such as "#lobby" or "#team-*"'
            )
    return value


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return origins as browsers write them: small letters, no default port (RFC 6454 6.2)."""
    for origin in value:
        if origin != "*" and not _ORIGIN.match(origin):
            raise ValueError(
                f'"{origin}" is not an origin: "*", or scheme, host and port of a page without its '
                'path, such as "https://chat.example.org" or "http://localhost:8000"'
            )
    return tuple(_DEFAULT_PORT.sub(r"\1\2", origin.lower()) for origin in value)


def _urls(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return addresses of servers of the log."""
    for url in value:
        if not _URL.match(url):
            raise ValueError(
                f'"{_URL_SECRET.sub("//", url)}" is no server of the log: nats:// or tls://, its '
                'host and port, such as "tls://log1.example.org:4222"; who logs in there has '
                "settings of its own"
            )
    return value


def _networks(value: tuple[str, ...]) -> tuple[str, ...]:
    """Return addresses and networks in their usual form; a network of everybody is refused."""
    for text in value:
        try:
            whole = parse_network(text).prefixlen == 0
        except ValueError as error:
            raise ValueError(f'"{text}" is not an address or a network: {error}') from None
        if whole:
            raise ValueError(f'"{text}" is everybody, who would be believed; list the proxies only')
    return tuple(str(parse_network(text)) for text in value)


Addresses = Annotated[tuple[Address, ...], BeforeValidator(_addresses)]
"""Where a door listens: texts such as `127.0.0.1:6697`, and `localhost` for all that it means."""
Networks = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_networks)]
"""Addresses and networks whose word is believed."""
Origins = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_origins)]
"""Where web pages come from."""
Urls = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_urls)]
"""Where servers are that are spoken to; no login in them."""
ChannelPatterns = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_patterns)]
"""Names of channels, `*` and `?` in them for others."""
Replayed = Annotated[
    tuple[Literal["accounts", "guests", "untimed", "bots"], ...], BeforeValidator(_listed)
]
"""Who is shown what was said before it came."""
FilePath = Annotated[Path, BeforeValidator(_path)]
"""A path, `~` in it for a home directory."""
OptionalPath = Annotated[Path | None, BeforeValidator(_path)]
"""The same, or nothing."""
FilePaths = Annotated[tuple[Path, ...], BeforeValidator(_paths)]
"""Several of them."""
Hash = Annotated[str, AfterValidator(_argon2id)]
"""What `hubbub hash-password` prints."""
OperatorName = Annotated[str, AfterValidator(_operator_name)]
"""What OPER can send as a name."""
OperatorClass = Annotated[str, AfterValidator(_operator_class)]
"""What an operator may do, by the name of it."""
OperatorClasses = Annotated[
    tuple[str, ...], BeforeValidator(_listed), AfterValidator(_operator_classes)
]
"""Several of them."""
ServerName = Annotated[str, AfterValidator(_server_name)]
"""A host name with a dot: clients tell servers from people by it."""
Word = Annotated[str, AfterValidator(_one_word)]
"""What stands in an answer as one parameter."""
Line = Annotated[str, AfterValidator(_one_line)]
"""What fits into an answer's last parameter."""
Text = Annotated[str, AfterValidator(_motd)]
"""Lines that a terminal may be shown."""
Icon = Annotated[str, AfterValidator(_icon)]
"""Where an image is, as ISUPPORT can name it."""
MailHost = Annotated[str, AfterValidator(_mail_host)]
"""A mail server."""
MailAddress = Annotated[str, AfterValidator(_sender)]
"""An e-mail address."""
