"""Between a client and a server: both handshakes are shown, and what they say, once."""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest

from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.wire.looking import Proxy, peer, until_closed


def registered(client: Client, nick: str) -> None:
    client.send("CAP LS 302", "PASS hunter2", f"NICK {nick}", f"USER {nick} 0 * :x", "CAP END")
    while client.next().command not in ("376", "422"):
        pass


def test_a_client_of_tls_is_seen_through_and_its_secrets_masked(hubbub: Server) -> None:
    with Proxy(f"ircs://127.0.0.1:{hubbub.ports['tls']}") as proxy:
        client = Client(proxy.port, tls=True)
        registered(client, "seenby")
        client.send("PRIVMSG NickServ :IDENTIFY bob hunter2", "QUIT")
        proxy.until("ended")
        shown = proxy.end()
        client.close()
    assert (shown.code, shown.error) == (130, "")
    hellos = [thing["connection"] for thing in shown.named("ClientHello")]
    assert hellos == ["1 client", "1 server"]
    assert shown.one("PASS")["details"] == {"parameters": ["(masked)"]}
    assert shown.one("PASS")["connection"] == "1"
    assert shown.one("001", "received")["connection"] == "1"
    assert "hunter2" not in str(shown.things)
    own = shown.one("certificate made for this run")["what"]
    [certificate] = [
        thing["details"]["SHA-256"]
        for thing in shown.named("Certificate", "received")
        if thing["connection"] == "1 client" and "SHA-256" in thing["details"]
    ]
    assert certificate in own


def test_many_clients_at_once_have_numbers(hubbub: Server) -> None:
    with Proxy(f"irc://127.0.0.1:{hubbub.ports['plain']}") as proxy:
        clients = [Client(proxy.port) for _ in range(3)]
        for number, client in enumerate(clients):
            registered(client, f"many{number}")
            client.close()
        for _ in clients:
            proxy.until("ended")
        shown = proxy.end()
    assert {thing["connection"] for thing in shown.named("NICK")} == {"1", "2", "3"}


def test_ctrl_c_ends_it_with_clients_inside(hubbub: Server) -> None:
    with Proxy(f"irc://127.0.0.1:{hubbub.ports['plain']}") as proxy:
        client = Client(proxy.port)
        registered(client, "inside")
        shown = proxy.end()
        with suppress(EOFError, ConnectionError):
            while client.next():
                pass
    assert (shown.code, shown.error) == (130, "")


def test_who_has_no_more_to_say_still_hears_the_answer(hubbub: Server) -> None:
    with Proxy(f"irc://127.0.0.1:{hubbub.ports['plain']}") as proxy:
        client = Client(proxy.port)
        client.send("CAP LS 302")
        client.socket.shutdown(socket.SHUT_WR)
        assert client.next().command == "CAP"
        client.close()


def test_websocket_is_passed_on_as_it_is(hubbub: Server) -> None:
    request = (
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with Proxy(f"ws://127.0.0.1:{hubbub.ports['websocket']}") as proxy:
        client = socket.create_connection(("127.0.0.1", proxy.port), 20)
        client.sendall(request.encode())
        assert client.recv(1000).startswith(b"HTTP/1.1 101")
        client.close()
        proxy.until("ended")
        shown = proxy.end()
    assert "Sec-WebSocket-Accept" in shown.one("upgrade answered", "received")["details"]


def test_the_wrong_server_is_told_nothing() -> None:
    heard: list[bytes] = []

    def listen(connection: socket.socket) -> None:
        connection.sendall(b":no tls\r\n")
        heard.append(connection.recv(1000))

    with peer(listen) as port, Proxy(f"ircs://127.0.0.1:{port}") as proxy:
        client = Client(proxy.port, tls=True)
        client.send("PASS hunter2")
        assert "what came is no TLS" in str(proxy.until("ended: "))
        client.close()
    assert not any(b"hunter2" in data for data in heard)


@pytest.mark.parametrize("scheme", ["ircs", "ssh", "ws"])
def test_what_a_client_says_in_another_protocol_is_not_shown(scheme: str) -> None:
    with (
        peer(until_closed) as port,
        Proxy(f"{scheme}://127.0.0.1:{port}", "--seconds", "5") as proxy,
    ):
        for said in (b"PASS hunter2\r\n", b"hunter2\r\n", b"GET /?hunter2 HTTP/1.0\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", proxy.port), 20) as client:
                client.sendall(said)
                client.shutdown(socket.SHUT_WR)
            proxy.until("ended")
        shown = proxy.end()
    assert "hunter2" not in f"{shown.things}{shown.error}"


def test_a_fingerprint_that_is_another_ends_it(hubbub: Server) -> None:
    address = f"ircs://127.0.0.1:{hubbub.ports['tls']}"
    with Proxy(address, "--fingerprint", "0" * 64) as proxy:
        client = Client(proxy.port, tls=True)
        client.send("PASS hunter2")
        assert "nothing was passed on" in proxy.until("ended: ")["what"]
        shown = proxy.end()
        client.close()
    assert not shown.named("PASS")


def test_clients_that_never_shake_hands_are_left() -> None:
    with peer(until_closed) as port, Proxy(f"ircs://127.0.0.1:{port}", "--seconds", "0.3") as proxy:
        client = socket.create_connection(("127.0.0.1", proxy.port), 20)
        assert "handshake was not done" in proxy.until("ended: ")["what"]
        assert client.recv(10) == b""
        client.close()
