"""What each single value may be, and the form in which it is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from hubbub.passwords.argon2 import hash_password
from hubbub.settings import values
from hubbub.settings.address import parse_address

HASH = hash_password("correct horse")


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (values.Addresses, ["127.0.0.1:6697", "[::1]:1"], None),
        (values.Networks, ["10.0.0.0/8", "2001:DB8::1"], ("10.0.0.0/8", "2001:db8::1/128")),
        (values.Origins, ["*", "HTTPS://Chat.example.org:443"], ("*", "https://chat.example.org")),
        (
            values.Origins,
            ["http://a.org:80", "https://a.org:80"],
            ("http://a.org", "https://a.org:80"),
        ),
        (values.ChannelPatterns, ["#lobby", "#team-*"], ("#lobby", "#team-*")),
        (values.Replayed, ["accounts", "bots"], ("accounts", "bots")),
        (values.FilePath, "~/data", Path("~/data").expanduser()),
        (values.OptionalPath, None, None),
        (values.FilePaths, ["/a", "~/b"], (Path("/a"), Path("~/b").expanduser())),
        pytest.param(values.Hash, HASH, HASH, id="a hash"),
        (values.OperatorName, "ann", "ann"),
        (values.OperatorClass, "moderator", "moderator"),
        (values.OperatorClasses, ["owner", "admin"], ("owner", "admin")),
        (values.ServerName, "chat.example.org", "chat.example.org"),
        (values.Word, "Hubbub", "Hubbub"),
        (values.Line, "", ""),
        (values.Line, "é" * 150, "é" * 150),
        (values.Text, "one\ttab\nand a line", "one\ttab\nand a line"),
        (values.Icon, "https://a.example/x.png", "https://a.example/x.png"),
        (values.Icon, "", ""),
        (values.MailHost, "mail.example.org", "mail.example.org"),
        (values.MailAddress, "chat@example.org", "chat@example.org"),
    ],
)
def test_what_is_well_is_kept_in_its_form(kind: Any, given: object, kept: object) -> None:
    if kind is values.Addresses:
        kept = tuple(one for text in ("127.0.0.1:6697", "[::1]:1") for one in parse_address(text))
    assert TypeAdapter(kind).validate_python(given) == kept


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        (values.Addresses, [6697], "must be a list of texts such as"),
        (values.Addresses, ["6697"], "is not ADDRESS:PORT"),
        (values.Networks, ["proxy.example.org"], "is not an address or a network"),
        (values.Networks, ["0.0.0.0/0"], "is everybody"),
        (values.Origins, ["https://a.org/"], "is not an origin"),
        (values.ChannelPatterns, ["lobby"], "is not a channel or a pattern"),
        (values.ChannelPatterns, ["#a,#b"], "is not a channel or a pattern"),
        (values.Replayed, ["everybody"], "Input should be"),
        (values.Hash, "correct horse", "must be an argon2id hash"),
        pytest.param(values.Hash, HASH[:-30], "must be an argon2id hash", id="half a hash"),
        (values.OperatorName, ":ann", "one word, not beginning with a colon"),
        (values.OperatorName, "ann bob", "one word, not beginning with a colon"),
        (values.OperatorClass, "king", "must have one of the classes owner, admin"),
        (values.OperatorClasses, ["owner", "king"], "must have one of the classes owner, admin"),
        (values.ServerName, "hubbub", "must look like a host name"),
        (values.ServerName, f"{'a' * 62}.b", "must look like a host name"),
        (values.Word, "", "must be one word"),
        (values.Word, "two words", "must be one word"),
        (values.Word, "é" * 33, "must be one word"),
        (values.Line, "a\nb", "must be one line"),
        (values.Line, "é" * 151, "must be one line"),
        (values.Text, "a\x1bb", "must not hold control characters"),
        (values.Icon, "http://a.example/x.png", "must be an https:// URL"),
        (values.Icon, f"https://a.example/{'x' * 250}", "must be an https:// URL"),
        (values.MailHost, "mail host", "must be a host name or an address"),
        (values.MailAddress, "chat", "must be an e-mail address"),
    ],
)
def test_what_is_none_is_told_what_it_must_be(kind: Any, given: object, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        TypeAdapter(kind).validate_python(given)


@pytest.mark.parametrize("kind", [values.Addresses, values.FilePath, values.FilePaths])
def test_what_is_of_another_kind_is_left_to_be_refused_as_that(kind: Any) -> None:
    with pytest.raises(ValidationError, match=r"Input (should be|is not)"):
        TypeAdapter(kind).validate_python(7)
