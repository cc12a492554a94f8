"""Certificates of clients: who is let in, what is told of them, and what cannot be pretended."""

from __future__ import annotations

import asyncio
import ctypes
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from structlog.testing import capture_logs

from hubbub.transport import client_certificates
from hubbub.transport.certificates import Certificates
from hubbub.transport.errors import ClientCertificatesError
from hubbub.transport.tls import server_context, silent_context

from .doors import Door, make_pair, s_client

Pair = tuple[Path, Path]
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey

versions = pytest.mark.parametrize("version", ["-tls1_3", "-tls1_2"])


def p256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def pem(key: Key) -> bytes:
    form, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, bare)


def certify(
    folder: Path, key: Key, *, name: str = "ada", ends: timedelta = timedelta(days=1)
) -> tuple[Path, Path, str]:
    """Write a self-signed certificate and its key; return both and the fingerprint."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    comment = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"x" * 1000)
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + ends)
        .add_extension(comment, critical=False)
    )
    signed = builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256)
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(pem(key))
    return *paths, signed.fingerprint(SHA256).hex()


SHA256 = hashes.SHA256()


async def told(door: Door, *options: str) -> str:
    """Come in with `openssl s_client`, say something, and return the fingerprint told of it."""
    talk = asyncio.create_task(s_client(door, *options, "-brief", said=b"hello\n"))
    peer = await door.peer()
    fingerprint = peer.stream.certificate_fingerprint
    await peer.has(b"hello\n")
    await talk
    await peer.end()
    return fingerprint


async def refused(door: Door, *options: str) -> str:
    """Try to come in and return why the handshake failed; nobody may come in."""
    with capture_logs() as logs:
        await s_client(door, *options, "-ign_eof", said=b"hello\n")
        await door.released()
    assert door.accepted == 0
    (failed,) = logs
    assert isinstance(failed["reason"], str)
    return failed["reason"]


@versions
@pytest.mark.parametrize(
    "make",
    [p256, ed25519.Ed25519PrivateKey.generate, lambda: rsa_key(2048)],
    ids=["P-256", "Ed25519", "RSA"],
)
async def test_a_certificate_that_nobody_vouches_for_is_told_by_its_fingerprint(
    pair: Pair, tmp_path: Path, version: str, make: Callable[[], Key]
) -> None:
    certificate, key, fingerprint = certify(tmp_path, make())
    async with Door(pair) as door:
        shown = await told(door, version, "-cert", str(certificate), "-key", str(key))
    assert shown == fingerprint


@versions
async def test_an_expired_certificate_counts_too(pair: Pair, tmp_path: Path, version: str) -> None:
    certificate, key, fingerprint = certify(tmp_path, p256(), ends=timedelta(days=-1))
    async with Door(pair) as door:
        shown = await told(door, version, "-cert", str(certificate), "-key", str(key))
    assert shown == fingerprint


@versions
async def test_who_has_no_certificate_comes_in_without(pair: Pair, version: str) -> None:
    async with Door(pair) as door:
        assert await told(door, version) == ""
        # No authorities are named, so that clients offer whatever they have.
        assert b"No client certificate CA names sent" in (await s_client(door, version)).stdout


@versions
async def test_a_certificate_without_its_key_is_refused(
    pair: Pair, tmp_path: Path, version: str
) -> None:
    hers, own = p256(), p256()
    certificate, key, _ = certify(tmp_path, hers)
    # Her public key beside another secret: OpenSSL takes the two for a pair and signs.
    der = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
    encoded = hers.private_bytes(*der, serialization.NoEncryption())
    secret, other = (each.private_numbers().private_value.to_bytes(32) for each in (hers, own))
    assert secret in encoded
    key.write_bytes(encoded.replace(secret, other))
    options = ("-cert", str(certificate), "-key", str(key), "-keyform", "DER")
    async with Door(pair) as door:
        assert await refused(door, version, *options) == "TLS: bad signature"


@versions
async def test_a_key_too_weak_to_prove_anything_is_refused(
    pair: Pair, tmp_path: Path, version: str
) -> None:
    certificate, key, _ = certify(tmp_path, rsa_key(1024))
    options = ("-cert", str(certificate), "-key", str(key), "-cipher", "ALL:@SECLEVEL=0")
    async with Door(pair) as door:
        assert await refused(door, version, *options) == "TLS: certificate verify failed"


@versions
async def test_a_chain_beyond_the_bound_is_refused(
    pair: Pair, tmp_path: Path, version: str
) -> None:
    certificate, key, fingerprint = certify(tmp_path, p256())
    options = (version, "-cert", str(certificate), "-key", str(key), "-cert_chain")
    links = [certify(tmp_path, p256(), name=f"link {n}")[0].read_bytes() for n in range(16)]
    chain = tmp_path / "chain.pem"
    async with Door(pair) as door:
        chain.write_bytes(b"".join(links))
        assert await refused(door, *options, str(chain)) == "TLS: excessive message size"
        chain.write_bytes(b"".join(links[:8]))
        assert await told(door, *options, str(chain)) == fingerprint


async def test_no_session_is_resumed(pair: Pair) -> None:
    async with Door(pair) as door:
        output = (await s_client(door, "-tls1_2", "-reconnect")).stdout
    assert output.count(b"New, TLSv1.2") == 6
    assert b"Reused" not in output


async def test_a_renewed_context_asks_as_well(tmp_path: Path) -> None:
    pair = make_pair(tmp_path)
    certificate, key, fingerprint = certify(tmp_path, p256())
    certificates = Certificates(*pair)
    first = certificates.context()
    make_pair(tmp_path)
    assert certificates.check()
    assert certificates.context() is not first
    async with Door(context=certificates.context) as door:
        assert await told(door, "-cert", str(certificate), "-key", str(key)) == fingerprint


async def test_browsers_are_not_asked(tmp_path: Path) -> None:
    certificates = Certificates(*make_pair(tmp_path))
    certificate, key, _ = certify(tmp_path, p256())
    async with Door(context=certificates.context_for_browsers) as door:
        assert await told(door, "-cert", str(certificate), "-key", str(key)) == ""


@contextmanager
def library_anew() -> Iterator[None]:
    client_certificates._openssl.cache_clear()
    try:
        yield
    finally:
        client_certificates._openssl.cache_clear()


def other_library(patch: pytest.MonkeyPatch) -> str:
    patch.setattr(ssl, "OPENSSL_VERSION", "AWS-LC 1.40.0")
    return "it takes OpenSSL 3 or later, here is AWS-LC 1.40.0"


def two_libraries(patch: pytest.MonkeyPatch) -> str:
    patch.setattr(ssl, "OPENSSL_VERSION_NUMBER", 0x30000001)
    return "there are two OpenSSLs"


def no_functions(patch: pytest.MonkeyPatch) -> str:
    program = ctypes.CDLL(None)
    patch.setattr(ctypes, "CDLL", lambda name: program)
    return "OpenSSL's functions cannot be reached"


def no_word_of_the_context(patch: pytest.MonkeyPatch) -> str:
    patch.setattr(client_certificates, "_CRYPTO_EX_INDEX_SSL_CTX", 0)
    return "OpenSSL did not tell of its context"


def refusal_of_all(patch: pytest.MonkeyPatch) -> str:
    patch.setattr(client_certificates, "KEY_SECURITY_BITS", 100_000)
    return "a handshake failed"


@pytest.mark.parametrize(
    "spoil", [other_library, two_libraries, no_functions, no_word_of_the_context, refusal_of_all]
)
async def test_where_it_cannot_be_had_clients_are_served_without(
    pair: Pair, tmp_path: Path, spoil: Callable[[pytest.MonkeyPatch], str]
) -> None:
    certificate, key, _ = certify(tmp_path, p256())
    with library_anew(), pytest.MonkeyPatch.context() as patch, capture_logs() as logs:
        reason = spoil(patch)
        context = server_context(*pair)
    assert [entry["log_level"] for entry in logs] == ["warning"]
    assert reason in logs[0]["why"]
    assert context.verify_mode is ssl.CERT_NONE
    async with Door(context=lambda: context) as door:
        assert await told(door, "-cert", str(certificate), "-key", str(key)) == ""


def test_the_check_finds_a_context_that_would_shut_clients_out(pair: Pair) -> None:
    context = silent_context(*pair)
    with pytest.raises(ClientCertificatesError, match="did not come through"):
        client_certificates.check(context, *pair)
    context.verify_mode = ssl.CERT_OPTIONAL
    with pytest.raises(
        ClientCertificatesError, match=r"a handshake failed: .*self.signed certificate"
    ):
        client_certificates.check(context, *pair)


def test_contexts_of_other_threads_are_none_of_its_business() -> None:
    over = threading.Event()

    def make_others() -> None:
        while not over.is_set():
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    others = threading.Thread(target=make_others)
    others.start()
    try:
        for _ in range(100):
            assert client_certificates.asking_context().verify_mode is ssl.CERT_OPTIONAL
    finally:
        over.set()
        others.join()
