"""Messages of SSH are taken apart, and what is secret in them masked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.decoding.ssh.messages import Facts, describe_payload, fingerprint
from hubbub.wire.failures import CutShort
from hubbub.wire.seen import MASKED, Fact, Way
from tests.wire.decoding.ssh.packing import login, number, request, string

KEY = string("ssh-ed25519") + string(bytes(32))


def facts_of(payload: bytes, way: Way = Way.SENT, method: str = "") -> dict[str, Fact]:
    facts: Facts = []
    describe_payload(payload, way, method, facts)
    return dict(facts)


def test_passwords_and_answers_are_masked() -> None:
    for payload in (
        login("password", b"\0", string("hunter2")),
        bytes((61,)) + number(1) + string("hunter2"),
        bytes((94,)) + number(0) + string("hunter2"),
        request(0, "env", string("TOKEN"), string("hunter2")),
        request(0, "env", string("LC_TOKEN"), string("hunter2")),
        request(0, "env", string("TERM_PASSWORD"), string("hunter2")),
        request(0, "exec", string("mysql -phunter2")),
        request(0, "exec", string(" PASSWORD=hunter2 mysql")),
    ):
        said = str(facts_of(payload))
        assert MASKED in said
        assert "hunter2" not in said


def test_what_a_server_writes_is_shown() -> None:
    facts = facts_of(bytes((94,)) + number(7) + string("hello"), Way.RECEIVED)
    assert facts == {"channel": 7, "data": "5 bytes", "text": "hello"}


def test_a_key_is_asked_about_and_then_signed_with() -> None:
    asked = facts_of(login("publickey", b"\0", string("ssh-ed25519"), string(KEY)))
    signed = facts_of(login("publickey", b"\1", string("ssh-ed25519"), string(KEY), string(b"x")))
    assert asked["key"] == fingerprint(KEY)
    assert str(asked["signed"]).startswith("no")
    assert signed["signed"] == "yes"


def test_the_server_s_half_of_the_exchange_holds_its_key() -> None:
    signature = string(string("ssh-ed25519") + string(bytes(64)))
    facts = facts_of(bytes((31,)) + string(KEY) + string(bytes(32)) + signature, Way.RECEIVED)
    assert facts["host key"] == fingerprint(KEY)
    assert facts["signature"] == "64 bytes"
    assert facts_of(bytes((30,)) + string(bytes(32))) == {"public share": "32 bytes"}


@pytest.mark.parametrize(
    ("payload", "name", "fact"),
    [
        (b"\x01" + number(2) + string("bye") + string(""), "reason", "bye"),
        (
            b"\x33" + string("a,b") + b"\0",
            "may go on with",
            ("a", "b"),
        ),
        (b"\x5a" + string("session") + number(3) + number(100) + number(50), "number here", 3),
        (
            request(1, "pty-req", string("x"), number(80), number(24)),
            "size",
            "80 columns, 24 rows",
        ),
        (request(1, "exec", string("who")), "command", "who"),
        (request(1, "env", string("LC_ALL"), string("C")), "variable", "LC_ALL=C"),
        (request(1, "exit-status", number(3)), "exit status", 3),
        (
            b"\x07" + number(1) + string("sig-algs") + string("a,b"),
            "sig-algs",
            ("a", "b"),
        ),
    ],
)
def test_each_says_what_it_holds(payload: bytes, name: str, fact: Fact) -> None:
    assert facts_of(payload)[name] == fact


def test_questions_say_whether_answers_are_shown() -> None:
    payload = bytes((60,)) + string("t") + string("i") + string("") + number(1)
    asked = facts_of(payload + string("Password: ") + b"\0", Way.RECEIVED, "keyboard-interactive")
    assert asked["question"] == "Password:  (shown while typed: no)"


@given(st.integers(0, 255), st.binary(max_size=100), st.sampled_from([Way.SENT, Way.RECEIVED]))
def test_any_bytes_are_stood_or_cut_short(kind: int, data: bytes, way: Way) -> None:
    for method in ("", "publickey", "keyboard-interactive"):
        try:
            facts_of(bytes((kind,)) + data, way, method)
        except CutShort:
            continue
