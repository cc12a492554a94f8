"""KEY and CERT: a key is its account's once it has been shown, and not before."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest

from hubbub.core import snapshot
from hubbub.core.commands.accounts.keys import SIGNATURE_BYTES
from hubbub.core.commands.accounts.registration import register_with_key
from hubbub.core.dispatch import dispatch
from hubbub.core.records.accounts import InviteMade
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Draft
from hubbub.core.requests import VerifySignature
from hubbub.core.world.accounts import code_digest
from hubbub.irc.message import Message
from tests.core.commands.accounts.test_sasl import log_in
from tests.core.invariants import check
from tests.core.world_harness import Client, Harness, shown

CERT = "a" * 64


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect_as("ann", "ann", "sasl")


@pytest.fixture
def bob(harness: Harness) -> Client:
    return harness.connect_as("bob", "bob", "sasl")


def failure(messages: list[Message]) -> str:
    (fail,) = [message for message in messages if message.command == "FAIL"]
    return fail.params[1]


def make(directory: Path, kind: str = "ed25519", name: str = "key") -> Path:
    path = directory / name
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(path)], check=True)
    return path


def fingerprint(key: Path) -> str:
    command = ["ssh-keygen", "-l", "-f", str(key)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[1]


def line(key: Path) -> str:
    return key.with_suffix(".pub").read_text().strip()


def sign(key: Path, text: str, namespace: str = "hubbub@hub.test") -> str:
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(key)]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout


def challenge(messages: list[Message]) -> str:
    return next(one.params[1] for one in messages if one.params[0] == "CHALLENGE")


def prove(client: Client, armored: str) -> list[Message]:
    """Give a signature in as many commands as it takes."""
    body = "".join(armored.split("\n")[1:-2])
    told: list[Message] = []
    for at in range(0, len(body), 400):
        told = client.send(f"KEY PROVE {body[at : at + 400]}")
    return told


def is_proved(harness: Harness, account: str, key: Path) -> bool:
    found = harness.world.account_of("ssh", fingerprint(key))
    return found is harness.account(account)


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_key_is_proved_by_a_signature(
    harness: Harness, ann: Client, tmp_path: Path, kind: str
) -> None:
    key = make(tmp_path, kind)
    # The line of an RSA key is longer than a line of IRC may be.
    told = ann.send(f"KEY ADD {fingerprint(key) if kind == 'rsa' else line(key)}")
    assert not is_proved(harness, "ann", key)
    assert "not proved yet" in shown(ann.send("KEY LIST"))[0]
    proved = shown(prove(ann, sign(key, challenge(told))))
    assert proved == [f"KEY PROVED {fingerprint(key)} Proved: from now on it logs you in by itself"]
    assert is_proved(harness, "ann", key)
    assert "not proved yet" not in shown(ann.send("KEY LIST"))[0]
    check(harness.world)


def test_a_text_may_have_been_signed_with_its_newline(
    harness: Harness, ann: Client, tmp_path: Path
) -> None:
    key = make(tmp_path)
    text = challenge(ann.send(f"KEY ADD :{line(key)} laptop"))
    prove(ann, sign(key, f"{text}\n"))
    assert is_proved(harness, "ann", key)


def test_what_does_not_prove(harness: Harness, ann: Client, tmp_path: Path) -> None:
    key, other = make(tmp_path), make(tmp_path, name="other")
    assert failure(ann.send("KEY PROVE AAAA")) == "INVALID_PARAMS"
    text = challenge(ann.send(f"KEY ADD {line(key)}"))
    for wrong in (
        sign(key, "another text"),
        sign(key, text, "file"),
        sign(key, text, "hubbub@elsewhere.test"),
        sign(key, text).replace("U1NIU0lH", "U1NIU0lI"),
    ):
        assert failure(prove(ann, wrong)) == "INVALID_CODE"
        text = challenge(ann.send("KEY CHALLENGE"))
    assert failure(prove(ann, sign(other, text))) == "NOT_FOUND"
    right = sign(key, challenge(ann.send("KEY CHALLENGE")))
    prove(ann, right)
    assert failure(prove(ann, right)) == "INVALID_PARAMS", "a challenge is good once"
    ann.send("KEY CHALLENGE")
    assert shown(ann.send("KEY PROVE U1NIU0lH"))[0].startswith("KEY MORE")
    for _ in range(30):
        told = ann.send("KEY PROVE " + "A" * 400)
    assert failure(told) == "INVALID_PARAMS", "it was too long, and is forgotten"


@pytest.mark.parametrize(
    "data",
    [
        b"SSHSIG",
        b"SSHSIG\x00\x00\x00\x01" + b"\x00" * 16,
        b"SSHSIG\x00\x00\x00\x01" + b"\xff" * 64,
        b"SSHSIG\x00\x00\x00\x02" + b"\x00" * 64,
        b"\x00" * 100,
    ],
)
def test_nonsense_proves_nothing(ann: Client, data: bytes) -> None:
    ann.send("KEY CHALLENGE")
    (told,) = ann.send(f"KEY PROVE {base64.b64encode(data).decode()}")
    assert told.params[0] == "MORE" or told.params[1] == "INVALID_CODE"


def test_what_is_no_ascii_is_no_key_and_no_signature(ann: Client) -> None:
    assert failure(ann.send("KEY ADD :ssh-ed25519 äää=")) == "INVALID_PARAMS"
    ann.send("KEY CHALLENGE")
    assert failure(ann.send("KEY PROVE ääää")) == "INVALID_CODE"


def test_a_strangers_key_that_is_listed_is_nobodys(
    harness: Harness, ann: Client, bob: Client, tmp_path: Path
) -> None:
    key = make(tmp_path)
    bob.send(f"KEY ADD {line(key)}")
    assert harness.world.account_of("ssh", fingerprint(key)) is None
    text = challenge(ann.send(f"KEY ADD {fingerprint(key)} laptop"))
    check(harness.world)
    assert "PROVED" in shown(prove(ann, sign(key, text)))[0]
    assert is_proved(harness, "ann", key)
    (told,) = bob.take()
    assert "lists it no more" in told.params[1]
    assert shown(bob.send("KEY LIST")) == ["KEY END End of list"]
    assert failure(bob.send(f"KEY ADD {line(key)}")) == "IN_USE"
    check(harness.world)


def test_a_key_that_one_came_with_is_proved_when_it_is_added(
    harness: Harness, ann: Client, tmp_path: Path
) -> None:
    key, other = make(tmp_path), make(tmp_path, name="other")
    ann.session.key = fingerprint(key)
    assert "Added to your account" in shown(ann.send("KEY ADD"))[0]
    assert is_proved(harness, "ann", key)
    ann.send(f"KEY ADD {fingerprint(other)} desk")
    assert not is_proved(harness, "ann", other)
    ann.session.key = fingerprint(other)
    assert "Added to your account" in shown(ann.send("KEY ADD"))[0]
    assert is_proved(harness, "ann", other)
    assert "KEY LIST desk" in shown(ann.send("KEY LIST"))[1]
    check(harness.world)


def test_a_listed_key_is_claimed_with_the_password(harness: Harness, ann: Client) -> None:
    key = f"SHA256:{'k' * 43}"
    ann.send(f"KEY ADD {key} laptop")
    ann.send(f"CERT ADD {CERT}")
    guessing = harness.open(["sasl"])
    guessing.session.key, guessing.session.certfp = key, CERT
    assert log_in(guessing, password="wrong") == ["904"]
    assert harness.world.account_of("ssh", key) is None
    log_in(guessing, password="secret")
    assert harness.world.account_of("ssh", key) is harness.account("ann")
    assert harness.world.account_of("certfp", CERT) is harness.account("ann")
    assert "laptop" in shown(ann.send("KEY LIST"))[0]


def test_a_token_claims_nothing(harness: Harness, ann: Client) -> None:
    key = f"SHA256:{'k' * 43}"
    ann.send(f"KEY ADD {key}")
    secret = next(m.params[2] for m in ann.send("TOKEN ADD x") if m.params[0] == "ADDED")
    thief = harness.open(["sasl"])
    thief.session.key = key
    assert log_in(thief, password=secret)[-1] == "903"
    assert harness.world.account_of("ssh", key) is None


def test_an_unproved_certificate_logs_nobody_in(harness: Harness, ann: Client) -> None:
    ann.send(f"CERT ADD {CERT}")
    stranger = harness.open(["sasl"])
    stranger.session.certfp = CERT
    stranger.send("AUTHENTICATE EXTERNAL")
    assert [one.command for one in stranger.send("AUTHENTICATE +")] == ["904"]


def test_an_accounts_own_key_is_a_fresh_proof(
    harness: Harness, ann: Client, tmp_path: Path
) -> None:
    key, narrow = make(tmp_path), make(tmp_path, name="narrow")
    prove(ann, sign(key, challenge(ann.send(f"KEY ADD {line(key)}"))))
    prove(ann, sign(narrow, challenge(ann.send(f"KEY ADD {line(narrow)} post:#ci"))))
    harness.time += 900_000_000
    assert failure(ann.send("TOKEN ADD x")) == "REAUTH_REQUIRED"
    told = prove(ann, sign(narrow, challenge(ann.send("KEY CHALLENGE"))))
    assert failure(told) == "INVALID_SCOPE"
    assert failure(ann.send("TOKEN ADD x")) == "REAUTH_REQUIRED"
    prove(ann, sign(key, challenge(ann.send("KEY CHALLENGE"))))
    assert shown(ann.send("TOKEN ADD x"))[0].startswith("TOKEN ADDED")


@pytest.mark.parametrize(
    "given", ["MD5:aa", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-rsa !!!", "nonsense AAAA"]
)
def test_what_is_no_key(ann: Client, given: str) -> None:
    assert failure(ann.send(f"KEY ADD {given}")) == "INVALID_PARAMS"


def test_listings_go_with_their_account(harness: Harness, ann: Client, bob: Client) -> None:
    key = f"SHA256:{'k' * 43}"
    ann.send(f"KEY ADD {key}")
    bob.send(f"KEY ADD {key}")
    ann.send("UNREGISTER ann secret")
    assert [one.name for one in harness.world.claims["ssh", key]] == ["bob"]
    bob.send(f"KEY DEL {key}")
    assert not harness.world.claims
    check(harness.world)


def test_listings_survive_a_snapshot(harness: Harness, ann: Client, bob: Client) -> None:
    key = f"SHA256:{'k' * 43}"
    ann.send(f"KEY ADD {key}")
    bob.send(f"KEY ADD {key}")
    harness.world = snapshot.decode(snapshot.encode(harness.world))
    check(harness.world)
    assert [one.name for one in harness.world.claims["ssh", key]] == ["ann", "bob"]


def test_of_two_who_prove_one_key_at_once_the_first_has_it(
    harness: Harness, ann: Client, bob: Client, tmp_path: Path
) -> None:
    key = make(tmp_path)
    texts = [challenge(client.send(f"KEY ADD {line(key)}")) for client in (ann, bob)]
    harness.held = True
    for client, text in zip((ann, bob), texts, strict=True):
        prove(client, sign(key, text))
    harness.commit(bob.session.id)
    harness.commit(ann.session.id)
    assert is_proved(harness, "bob", key)
    assert failure(ann.take()) == "IN_USE"
    check(harness.world)


def test_a_listed_key_keeps_no_invited_newcomer_out(harness: Harness, bob: Client) -> None:
    key = f"SHA256:{'k' * 43}"
    bob.send(f"KEY ADD {key}")
    newcomer = harness.open()
    ctx = newcomer.command_context(Message(""))
    origin = Origin(SessionId(1, harness.epoch, 0), 1)
    harness.append(Draft(InviteMade(origin, code_digest("welcome"))))
    harness.settle()
    register_with_key(ctx, "newbie", key, "welcome", pytest.fail)
    newcomer.carry_out(ctx)
    assert harness.world.account_of("ssh", key) is harness.world.account("newbie")
    assert "lists it no more" in bob.take()[-1].params[-1]
    check(harness.world)


def test_a_signature_without_an_end_is_taken_up_to_a_bound(harness: Harness, ann: Client) -> None:
    ann.send("KEY CHALLENGE")
    announced = b"SSHSIG" + (1).to_bytes(4, "big") + (1 << 24).to_bytes(4, "big")
    endless = base64.b64encode(announced + b"x" * 286).decode()
    for _ in range(SIGNATURE_BYTES // len(endless)):
        (told,) = ann.send(f"KEY PROVE {endless}")
        assert told.params[0] == "MORE"
    assert failure(ann.send(f"KEY PROVE {endless}")) == "INVALID_CODE"
    assert failure(ann.send(f"KEY PROVE {endless}")) == "INVALID_PARAMS", "it has to begin anew"


def test_of_two_answers_to_one_challenge_the_first_counts(
    harness: Harness, ann: Client, tmp_path: Path
) -> None:
    key = make(tmp_path)
    ann.send(f"KEY ADD {line(key)}")
    ann.send("KEY CHALLENGE")
    checks = []
    for _ in range(2):
        ctx = ann.command_context(Message("KEY", ("PROVE", "AAAA")))
        dispatch(ctx)
        checks += [one for one in ctx.requests if isinstance(one, VerifySignature)]
        ctx.requests.clear()
    first, second = checks
    first.then(fingerprint(key))
    ann.carry_out(ctx)
    second.then("")
    ann.carry_out(ctx)
    assert "INVALID_CODE" not in str(ann.take())


def test_what_a_service_was_asked_to_add_it_confirms(
    harness: Harness, ann: Client, tmp_path: Path
) -> None:
    key = make(tmp_path)
    ann.send(f"KEY ADD {line(key)}")
    text = challenge(ann.send("KEY CHALLENGE"))
    body = "".join(sign(key, text).split("\n")[1:-2])
    told = ann.send(f"PRIVMSG NickServ :KEY PROVE {body}")
    assert [message.source for message in told] == ["NickServ!NickServ@hub.test"]
    assert told[0].params[1].endswith("Proved: from now on it logs you in by itself")
    assert is_proved(harness, "ann", key)
