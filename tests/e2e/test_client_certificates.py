"""Logging in with the certificate that one connected with (SASL EXTERNAL)."""

from __future__ import annotations

import ssl
from pathlib import Path

from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.transport.doors import make_pair


def certified(folder: Path) -> ssl.SSLContext:
    """Return a client's context with a certificate of its own."""
    folder.mkdir()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(*make_pair(folder))
    return context


def external(client: Client) -> str:
    """Try SASL EXTERNAL; return the number of its answer."""
    client.send("CAP REQ sasl", "AUTHENTICATE EXTERNAL", "AUTHENTICATE +")
    return client.until(lambda m: m.command in ("903", "904")).command


def test_a_certificate_is_enough_once_its_account_knows_it(tmp_path: Path) -> None:
    hers, others = certified(tmp_path / "hers"), certified(tmp_path / "others")
    with Server(tmp_path / "data") as server:
        port = server.ports["tls"]
        with Client(port, tls=hers).register("ann") as ann:
            assert external(ann) == "904"
            ann.send("REGISTER * * correct-horse-battery")
            assert ann.until("REGISTER").params[0] == "SUCCESS"
            ann.send("CERT ADD", "PING added")
            ann.until("PONG")
        with Client(port, tls=hers) as again:
            assert external(again) == "903"
            (logged_in,) = (message for message in again.seen if message.command == "900")
            assert logged_in.params[2] == "ann"
        for context in (others, True):
            with Client(port, tls=context) as stranger:
                assert external(stranger) == "904"
