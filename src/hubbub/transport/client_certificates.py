"""Ask TLS clients for a certificate, and take any whose key they prove, whoever signed it.

A fingerprint says who it is, so neither issuer nor date matters. Python's ssl can only ask for
certificates that an authority it knows has signed; what it lacks is one documented call of OpenSSL
on the context behind its own, made here (see docs/decisions/client-certificates.md). Where that
call cannot be reached, or does not do what it should, clients are asked for nothing.
"""

from __future__ import annotations

import _ssl
import ctypes
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from hubbub.transport.errors import ClientCertificatesError

CHAIN_BYTES: Final = 16384
"""The most that a client's certificates may measure, for they stay in memory as long as it does.
Over it the handshake fails. OpenSSL's own bound is 100 KiB."""
KEY_SECURITY_BITS: Final = 112
"""What a client's key must be worth (RSA of 2048 bits; OpenSSL's security level 2), for a proof by
a weaker one can be forged. Below it the handshake fails."""

_HANDSHAKE_STEPS: Final = 8

# From OpenSSL's headers, where they are macros: ssl.h, crypto.h, x509_vfy.h.
_SSL_CTRL_SET_SESS_CACHE_MODE: Final = 44
_SSL_CTRL_SET_MAX_CERT_LIST: Final = 51
_SSL_SESS_CACHE_OFF: Final = 0
_CRYPTO_EX_INDEX_SSL_CTX: Final = 1
_X509_V_ERR_EE_KEY_TOO_SMALL: Final = 66

_int, _long, _pointer = ctypes.c_int, ctypes.c_long, ctypes.c_void_p
_Allocated = ctypes.CFUNCTYPE(None, _pointer, _pointer, _pointer, _int, _long, _pointer)
_Verify = ctypes.CFUNCTYPE(_int, _pointer, _pointer)


def asking_context() -> ssl.SSLContext:
    """Return a new context for servers that asks for a certificate and takes every one.

    What it did not prove the key of, OpenSSL refuses as ever. Nor does the context remember
    sessions: one resumed by its id (TLS 1.2) would bring its certificate without a new proof.
    Raises ClientCertificatesError.
    """
    openssl = _openssl()
    with openssl.allocations() as allocated:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_OPTIONAL
    if len(allocated) != 1 or openssl.verify_mode(allocated[0]) != ssl.CERT_OPTIONAL:
        raise ClientCertificatesError("OpenSSL did not tell of its context")
    openssl.control(allocated[0], _SSL_CTRL_SET_SESS_CACHE_MODE, _SSL_SESS_CACHE_OFF, None)
    openssl.control(allocated[0], _SSL_CTRL_SET_MAX_CERT_LIST, CHAIN_BYTES, None)
    openssl.set_verify(allocated[0], openssl.verify, None)
    return context


def check(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Make sure that a loaded context takes a certificate nobody vouches for, and none.

    The server's own pair serves as the client's: to a context that trusts nobody it is as strange
    as any. Handshakes are made in memory. Raises ClientCertificatesError where one fails.
    """
    showing, bare = _client(), _client()
    try:
        showing.load_cert_chain(certificate, key)
        if not _shown(context, showing) or _shown(context, bare):
            raise ClientCertificatesError("a certificate did not come through")
    except OSError as error:
        raise ClientCertificatesError(f"a handshake failed: {error}") from error


def _client() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _shown(served: ssl.SSLContext, client: ssl.SSLContext) -> bytes | None:
    """Return the certificate that the server sees after a handshake; None without one."""
    towards_server, towards_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = served.wrap_bio(towards_server, towards_client, server_side=True)
    unfinished = [client.wrap_bio(towards_client, towards_server), ours]
    for step in range(_HANDSHAKE_STEPS):
        end = unfinished[step % len(unfinished)]
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
        unfinished.remove(end)
        if not unfinished:
            return ours.getpeercert(binary_form=True)
    raise ClientCertificatesError("a handshake did not come to an end")


@cache
def _openssl() -> _OpenSSL:
    """Return the library, the same for the life of the process, as OpenSSL keeps its callbacks."""
    try:
        return _OpenSSL()
    except (OSError, AttributeError, MemoryError) as error:
        raise ClientCertificatesError(f"OpenSSL's functions cannot be reached: {error}") from error


class _OpenSSL:
    """Name the functions of the very OpenSSL that Python's ssl was linked with."""

    def __init__(self) -> None:
        """Look them up. Raises ClientCertificatesError, OSError, AttributeError, MemoryError."""
        # Its namesakes (LibreSSL, AWS-LC) have functions of these names with other parameters.
        if not ssl.OPENSSL_VERSION.startswith("OpenSSL ") or ssl.OPENSSL_VERSION_INFO < (3,):
            raise ClientCertificatesError(
                f"it takes OpenSSL 3 or later, here is {ssl.OPENSSL_VERSION}"
            )
        # A look-up in a library covers those that it is linked with. Without a file it is built in.
        library = ctypes.CDLL(getattr(_ssl, "__file__", None))
        library.OpenSSL_version_num.restype = ctypes.c_ulong
        if library.OpenSSL_version_num() != ssl.OPENSSL_VERSION_NUMBER:
            raise ClientCertificatesError("there are two OpenSSLs")
        self._new_index = library.CRYPTO_get_ex_new_index
        self._new_index.argtypes = [_int, _long, _pointer, _Allocated, _pointer, _pointer]
        self._free_index = library.CRYPTO_free_ex_index
        self._free_index.argtypes = [_int, _int]
        self.verify_mode = library.SSL_CTX_get_verify_mode
        self.verify_mode.argtypes = [_pointer]
        self.control = library.SSL_CTX_ctrl
        self.control.argtypes, self.control.restype = [_pointer, _int, _long, _pointer], _long
        self.set_verify = library.SSL_CTX_set_cert_verify_callback
        self.set_verify.argtypes, self.set_verify.restype = [_pointer, _Verify, _pointer], None
        self._certificate = library.X509_STORE_CTX_get0_cert
        self._certificate.argtypes, self._certificate.restype = [_pointer], _pointer
        self._public_key = library.X509_get0_pubkey
        self._public_key.argtypes, self._public_key.restype = [_pointer], _pointer
        self._security_bits = library.EVP_PKEY_get_security_bits
        self._security_bits.argtypes = [_pointer]
        self._set_error = library.X509_STORE_CTX_set_error
        self._set_error.argtypes, self._set_error.restype = [_pointer, _int], None
        self._here = threading.local()
        self._allocated = _Allocated(self._note)
        self.verify = _Verify(self._judge)

    @contextmanager
    def allocations(self) -> Iterator[list[int]]:
        """Give the address of each SSL_CTX that this thread allocates meanwhile.

        OpenSSL tells by the callback that it offers to whoever hangs data on its structures
        (CRYPTO_get_ex_new_index(3)), so nothing is assumed of how Python keeps the address.
        """
        allocated: list[int] = []
        self._here.allocated = allocated
        index = self._new_index(_CRYPTO_EX_INDEX_SSL_CTX, 0, None, self._allocated, None, None)
        try:
            yield allocated
        finally:
            self._here.allocated = None
            if index >= 0:
                self._free_index(_CRYPTO_EX_INDEX_SSL_CTX, index)

    def _note(self, parent: int, *_: object) -> None:
        allocated = getattr(self._here, "allocated", None)
        if allocated is not None:
            allocated.append(parent)

    def _judge(self, store: int, _: object) -> int:
        """Answer in place of X509_verify_cert(3): 1 takes the certificate, 0 refuses it.

        Should this raise, ctypes answers 0.
        """
        key = self._public_key(self._certificate(store))
        if key is None or self._security_bits(key) < KEY_SECURITY_BITS:
            self._set_error(store, _X509_V_ERR_EE_KEY_TOO_SMALL)
            return 0
        return 1
