"""A stranger tries every way in on an `invite` server, and gets nowhere; a friend gets in."""

from __future__ import annotations

import base64
import shutil
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from ipaddress import IPv4Address
from pathlib import Path
from typing import Protocol

import pyotp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from scramp import ScramClient
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from hubbub.irc.message import Message, parse
from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.transport.doors import make_pair
from tests.transport.proxy_headers import version_1, version_2

PASSWORD = "correct-horse-battery"
ENDS = ("900", "902", "903", "904", "905", "907", "908", "ERROR")
SETTINGS = {
    "HUBBUB_ACCESS": "invite",
    "HUBBUB_ACCOUNTS__SCRAM": "true",
    "HUBBUB_DOORS__WSS": '["127.0.0.1:0"]',
    "HUBBUB_DOORS__WEBSOCKET": '["127.0.0.1:0"]',
    **({"HUBBUB_DOORS__SSH": '["127.0.0.1:0"]'} if shutil.which("ssh") else {}),
}


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class Peer(Protocol):
    """Somebody at a door."""

    seen: list[Message]

    def send(self, *lines: str) -> None: ...

    def next(self) -> Message: ...


class Web:
    """Speak IRC through a WebSocket door, as Client does through the others."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.seen: list[Message] = []

    def send(self, *lines: str) -> None:
        # The server may have had enough before all is said; what it answered can be read still.
        with suppress(ConnectionClosed):
            for line in lines:
                self._connection.send(line)

    def next(self) -> Message:
        message = parse(self._connection.recv(20.0, decode=False))
        self.seen.append(message)
        return message


def until(peer: Peer, *commands: str) -> Message:
    """Read up to a message with one of these commands."""
    while (message := peer.next()).command not in commands:
        pass
    return message


def settled(peer: Peer) -> list[Message]:
    """Return what comes up to the answer to a PING."""
    start = len(peer.seen)
    peer.send("PING :settled")
    until(peer, "PONG")
    return peer.seen[start:-1]


def authenticate(peer: Peer, mechanism: str, *messages: str) -> str:
    """Return how an exchange ended."""
    peer.send("CAP REQ sasl", f"AUTHENTICATE {mechanism}")
    until(peer, "CAP")
    for message in messages:
        answer = until(peer, "AUTHENTICATE", *ENDS)
        if answer.command != "AUTHENTICATE":
            return answer.command
        peer.send(f"AUTHENTICATE {message}")
    answer = until(peer, *ENDS)
    return until(peer, "903").command if answer.command == "900" else answer.command


def plain(peer: Peer, account: str, password: str) -> str:
    return authenticate(peer, "PLAIN", encoded(f"\0{account}\0{password}"))


def scram(peer: Peer, account: str, password: str) -> tuple[str, list[str]]:
    """Log in with SCRAM-SHA-256; return how it ended, and what was sent."""
    client = ScramClient(["SCRAM-SHA-256"], account, password)
    sent = [client.get_client_first()]
    peer.send("CAP REQ sasl", "AUTHENTICATE SCRAM-SHA-256", f"AUTHENTICATE {encoded(sent[0])}")
    answer = until(peer, "904", "AUTHENTICATE")
    if answer.params[0] == "+":
        answer = until(peer, "904", "AUTHENTICATE")
    client.set_server_first(base64.b64decode(answer.params[0]).decode())
    sent.append(client.get_client_final())
    peer.send(f"AUTHENTICATE {encoded(sent[1])}")
    answer = until(peer, "904", "AUTHENTICATE")
    if answer.command == "904":
        return "904", sent
    client.set_server_final(base64.b64decode(answer.params[0]).decode())
    peer.send("AUTHENTICATE +")
    return until(peer, "903", "904").command, sent


class House:
    """Hold a server with people in it, and what tells whether somebody else got in."""

    def __init__(self, server: Server, stack: ExitStack) -> None:
        self.server = server
        self._stack = stack
        self.owner = self.member("owner", server.owner_code)
        self.owner.send("CAP REQ away-notify", "JOIN #lobby", "JOIN #secret", "MODE #secret +s")
        self.owner.sync()

    def open(self, door: str = "tls", tls: ssl.SSLContext | None = None) -> Client:
        """Return a connection to the TLS or the plain door."""
        context = tls or door == "tls"
        return self._stack.enter_context(Client(self.server.ports[door], tls=context))

    def peer(self, door: str) -> Peer:
        """Return a connection to any door that IRC is spoken at."""
        if door in ("tls", "plain"):
            return self.open(door)
        context = None
        if door == "wss":
            context = ssl.create_default_context(cafile=self.server.directory / "certificate.pem")
        scheme = {"wss": "wss", "websocket": "ws"}[door]
        url = f"{scheme}://localhost:{self.server.ports[door]}/"
        return Web(self._stack.enter_context(connect(url, ssl=context, proxy=None)))

    def invite(self, uses: int = 1, lifetime: str = "1h") -> str:
        """Return an invite code."""
        self.owner.send(f"INVITECODE ADD {uses} {lifetime}")
        return self.owner.until("INVITECODE").params[2]

    def member(self, name: str, code: str = "", *, tls: ssl.SSLContext | None = None) -> Client:
        """Return somebody who came in with an invite."""
        client = self.open("tls", tls)
        client.send("CAP LS 302", f"NICK {name}", f"USER {name} 0 * :{name}")
        client.send(f"REGISTER * * {PASSWORD} {code or self.invite()}", "CAP END")
        assert client.until("REGISTER").params[0] == "SUCCESS"
        client.until(lambda m: m.command in ("376", "422"))
        return client

    def outside(self, *peers: Peer) -> None:
        """Assert that these are not in, and that nobody saw or heard of them."""
        for peer in peers:
            codes = {message.command for message in peer.seen}
            assert codes.isdisjoint({"001", "900", "903", "JOIN", "PRIVMSG", "322", "352", "353"})
        assert [m for m in self.owner.sync() if m.command not in ("INVITECODE", "NOTICE")] == []


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, ExitStack]]:
    directory = tmp_path_factory.mktemp("stranger") / "data"
    with Server(directory, **SETTINGS) as server, ExitStack() as stack:
        yield server, stack


@pytest.fixture(scope="module")
def house(running: tuple[Server, ExitStack]) -> House:
    return House(*running)


DOORS = ("tls", "plain", "wss", "websocket")


@pytest.mark.parametrize("door", DOORS)
def test_who_just_walks_in(house: House, door: str) -> None:
    peer = house.peer(door)
    peer.send(f"NICK walker-{door}", "USER x 0 * :x", "JOIN #lobby")
    until(peer, "451")
    # Who has an invite code can register yet, and is told how.
    (told,) = [m for m in peer.seen if m.command == "FAIL"]
    assert told.params[1] == "ACCOUNT_REQUIRED"
    assert "with an invite code, make one: REGISTER" in told.params[-1]
    house.outside(peer)


@pytest.mark.parametrize("door", DOORS)
def test_who_negotiates_and_asks_for_everything(house: House, door: str) -> None:
    peer = house.peer(door)
    peer.send("CAP LS 302", "CAP REQ :sasl draft/account-registration draft/chathistory batch")
    peer.send("NICK walker", "USER x 0 * :x", "CAP END")
    commands = ("JOIN #lobby", "PRIVMSG #lobby :hello", "PRIVMSG owner :hello", "LIST", "WHO *")
    more = ("CHATHISTORY LATEST #lobby * 50", "WHOIS owner", "NAMES #lobby", "OPER root root")
    late = ("MONITOR + owner", "METADATA owner LIST", "REDACT #lobby x", "MARKREAD #lobby")
    own = ("TOKEN ADD x", "PASSWD a b", "CERT ADD", "TOTP BEGIN", "ACCOUNT LIST", "INVITECODE ADD")
    peer.send(*commands, *more, *late, *own, "REDEEM x", "STATUS", "NS IDENTIFY owner x")
    told = settled(peer)
    assert {m.command for m in told} <= {"CAP", "FAIL", "451", "NOTICE"}
    house.outside(peer)


@pytest.mark.parametrize("door", DOORS)
def test_who_has_a_wrong_secret(house: House, door: str) -> None:
    victim = house.member(f"victim-{door}")
    victim.leave()
    peers = [house.peer(door) for _ in range(8)]
    name = f"victim-{door}"
    assert plain(peers[0], name, "wrong-password") == "904"
    assert plain(peers[1], "nobody", PASSWORD) == "904"
    assert plain(peers[2], name, "hub_" + "a" * 32) == "904"
    assert scram(peers[3], name, "wrong-password")[0] == "904"
    assert scram(peers[4], "nobody", PASSWORD)[0] == "904"
    assert authenticate(peers[5], "EXTERNAL", encoded(name)) == "908"
    peers[6].send(f"PASS {name}:wrong-password", f"NICK {name}", "USER x 0 * :x")
    until(peers[6], "ERROR")
    assert "464" in [message.command for message in peers[6].seen]
    peers[7].send("CAP LS 302", f"RESETPASS {name} AAAA-BBBB another-password")
    assert until(peers[7], "FAIL").params[1] == "INVALID_CODE"
    peers[7].send(f"VERIFY {name} AAAA-BBBB")
    assert until(peers[7], "FAIL").params[1] == "INVALID_CODE"
    house.outside(*peers)


@pytest.mark.parametrize("door", DOORS)
def test_who_has_no_invite_or_a_bad_one(house: House, door: str) -> None:
    used = house.invite()
    house.member(f"used-{door}", used).leave()
    house.owner.send("INVITECODE ADD 1 1s")
    _, over, short = house.owner.until("INVITECODE").params
    house.owner.send("INVITECODE ADD 1 1h")
    _, id, revoked = house.owner.until("INVITECODE").params
    house.owner.send(f"INVITECODE DEL {id}")
    house.owner.until("INVITECODE")
    peer = house.peer(door)
    peer.send("CAP LS 302", f"NICK guest-{door}", "USER x 0 * :x")
    for code, why in (
        ("", "INVITE_REQUIRED"),
        ("AAAA-BBBB-CCCC-DDDD", "INVALID_INVITE"),
        (used, "INVALID_INVITE"),
        (revoked, "INVALID_INVITE"),
    ):
        peer.send(f"REGISTER * * {PASSWORD} {code}")
        assert until(peer, "FAIL", "REGISTER").params[1] == why
    while not _is_over(house, over):
        pass
    late = house.peer(door)
    late.send("CAP LS 302", f"NICK late-{door}", f"REGISTER * * {PASSWORD} {short}")
    assert until(late, "FAIL", "REGISTER").params[1] == "INVALID_INVITE"
    house.outside(peer, late)


def _is_over(house: House, id: str) -> bool:
    """Ask the server whether an invite code's time is over."""
    house.owner.send("INVITECODE LIST")
    about = ""
    while (message := house.owner.until("INVITECODE")).params[0] != "END":
        if message.params[1] == id:
            about = message.params[2]
    return about.endswith("over")


def test_who_replays_what_was_heard_of_scram(house: House) -> None:
    house.member("scram").leave()
    honest = house.open()
    outcome, heard = scram(honest, "scram", PASSWORD)
    assert outcome == "903"
    stranger = house.open()
    stranger.send("CAP REQ sasl", "AUTHENTICATE SCRAM-SHA-256", f"AUTHENTICATE {encoded(heard[0])}")
    until(stranger, "AUTHENTICATE"), until(stranger, "AUTHENTICATE")
    assert authenticate_on(stranger, heard[1]) == "904"
    # Without a first message, and after an abort.
    assert authenticate(stranger, "SCRAM-SHA-256", encoded(heard[1])) == "904"
    assert authenticate(stranger, "SCRAM-SHA-256", encoded("n,,n=scram,r=x"), "+") == "904"
    house.outside(stranger)


def authenticate_on(peer: Peer, message: str) -> str:
    peer.send(f"AUTHENTICATE {encoded(message)}")
    return until(peer, *ENDS, "AUTHENTICATE").command


def test_who_heard_a_one_time_password(house: House) -> None:
    owner = house.member("tina")
    owner.send("TOTP BEGIN")
    totp = pyotp.TOTP(owner.until("TOTP").params[1])
    owner.send(f"TOTP CONFIRM {totp.now()}")
    recovery = owner.until(lambda m: m.command == "TOTP" and m.params[0] == "RECOVERY")
    once = recovery.params[1].split()[0]
    owner.leave()
    strangers = [house.open() for _ in range(4)]
    assert plain(strangers[0], "tina", PASSWORD) == "904"
    assert scram(strangers[1], "tina", PASSWORD)[0] == "904", "never with two factors"
    assert plain(house.open(), "tina", f"{PASSWORD}:{once}") == "903"
    assert plain(strangers[2], "tina", f"{PASSWORD}:{once}") == "904"
    assert plain(strangers[3], "tina", f"{PASSWORD}:000000") == "904"
    house.outside(*strangers)


def test_who_stole_a_token(house: House) -> None:
    owner = house.member("toni")
    tokens = []
    for line in ("phone", "hook post:#lobby"):
        owner.send(f"TOKEN ADD {line}")
        tokens.append(owner.until(lambda m: m.command == "TOKEN" and m.params[0] == "ADDED"))
    phone, hook = (message.params[2] for message in tokens)
    inside, half = house.open(), house.open()
    assert plain(inside, "toni", phone) == "903"
    inside.send("NICK toni", "USER x 0 * :x", "CAP END")
    inside.until("001")
    half.send("CAP LS 302")
    assert plain(half, "toni", phone) == "903"
    # It was given away for one purpose; it leads to no other.
    narrow = house.open()
    narrow.send("CAP LS 302")
    assert plain(narrow, "toni", hook) == "903"
    narrow.send("NICK hook", "USER x 0 * :x", "CAP END")
    narrow.until("001")
    narrow.send("JOIN #secret", "PRIVMSG owner :x", "TOKEN ADD more", "WHOIS owner", "NICK evil")
    told = [m.params[1] for m in narrow.sync() if m.command == "FAIL"]
    assert told == ["OUT_OF_SCOPE"] * 5
    owner.send("TOKEN DEL phone", "TOKEN DEL hook")
    for thief in (inside, half, narrow):
        assert "revoked" in thief.until("ERROR").params[0]
    strangers = [house.open() for _ in range(2)]
    assert [plain(peer, "toni", phone) for peer in strangers] == ["904", "904"]
    strangers[1].send(f"PASS toni:{phone}", "NICK toni", "USER x 0 * :x", "CAP END")
    until(strangers[1], "ERROR")
    house.outside(*strangers)


def test_who_has_anothers_certificate(house: House, tmp_path: Path) -> None:
    hers, copied = _certificate(tmp_path / "hers"), _copy(tmp_path / "hers", tmp_path / "copied")
    owner = house.member("cara", tls=hers)
    owner.send("CERT ADD")
    owner.until("CERT")
    owner.leave()
    other = house.member("carl", tls=copied)
    other.send("CERT ADD")
    other.until("CERT")
    other.leave()
    strangers = [house.open(tls=copied), house.open(tls=_certificate(tmp_path / "new"))]
    assert authenticate(strangers[0], "EXTERNAL", encoded("cara")) == "904"
    assert authenticate(strangers[1], "EXTERNAL", encoded("cara")) == "904"
    assert authenticate(strangers[1], "EXTERNAL", "+") == "904"
    house.outside(*strangers)
    assert authenticate(house.open(tls=hers), "EXTERNAL", "+") == "903"


def _certificate(folder: Path) -> ssl.SSLContext:
    folder.mkdir()
    return _context(*make_pair(folder))


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(certificate, key)
    return context


def _copy(of: Path, to: Path) -> ssl.SSLContext:
    """Return a context whose certificate says all that another says, for another key."""
    to.mkdir()
    seen = x509.load_pem_x509_certificate((of / "certificate.pem").read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(
        seen.issuer,
        seen.subject,
        key.public_key(),
        seen.serial_number,
        seen.not_valid_before_utc,
        seen.not_valid_after_utc,
    )
    certificate = builder.sign(key, SHA256())
    (to / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    form = PrivateFormat.PKCS8
    (to / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, form, NoEncryption()))
    return _context(to / "certificate.pem", to / "key.pem")


def test_who_comes_while_an_account_is_suspended(house: House, tmp_path: Path) -> None:
    context = _certificate(tmp_path / "certificate")
    member = house.member("sue", tls=context)
    member.send("CERT ADD", "TOKEN ADD phone")
    added = member.until(lambda m: m.command == "TOKEN" and m.params[0] == "ADDED")
    half = house.open()
    half.send("CAP LS 302")
    assert plain(half, "sue", PASSWORD) == "903"
    code = house.invite()
    house.owner.send("ACCOUNT SUSPEND sue :for now", "SWITCH registrations off :bad day")
    house.owner.until(lambda m: m.command == "ACCOUNT")
    assert "suspended" in member.until("ERROR").params[0]
    assert "suspended" in half.until("ERROR").params[0]
    house.owner.sync()
    strangers = [house.open(tls=context) for _ in range(4)]
    assert authenticate(strangers[0], "EXTERNAL", "+") == "902"
    assert plain(strangers[1], "sue", PASSWORD) == "902"
    assert plain(strangers[2], "sue", added.params[2]) == "902"
    strangers[3].send("CAP LS 302")
    for nick in ("sue", "newsue"):
        strangers[3].send(f"NICK {nick}", f"REGISTER * * {PASSWORD} {code}")
        assert until(strangers[3], "FAIL").params[1] == "TEMPORARILY_UNAVAILABLE"
    house.owner.send("SWITCH registrations on")
    house.owner.sync()
    strangers[3].send("NICK sue", f"REGISTER * * {PASSWORD} {code}")
    assert until(strangers[3], "FAIL").params[1] == "ACCOUNT_EXISTS"
    house.owner.sync()
    house.outside(*strangers)


def test_fifty_who_want_one_name(house: House) -> None:
    code = house.invite(uses=50)
    racers = [house.open("plain") for _ in range(50)]
    for racer in racers:
        racer.send("CAP LS 302", "NICK prize", "USER x 0 * :x")
    for racer in racers:
        racer.send(f"REGISTER * * {PASSWORD} {code}", "CAP END", "PING :settled")
    won = 0
    for racer in racers:
        answer = until(racer, "REGISTER", "FAIL")
        won += answer.command == "REGISTER"
        if answer.command == "FAIL":
            assert answer.params[1] == "ACCOUNT_EXISTS"
            until(racer, "PONG", "ERROR")
    assert won == 1
    losers = [racer for racer in racers if all(m.command != "REGISTER" for m in racer.seen)]
    house.outside(*losers)


def test_fifty_who_come_by_one_token_are_one(house: House) -> None:
    owner = house.member("fifty")
    owner.send("TOKEN ADD hook post:#lobby")
    token = owner.until(lambda m: m.command == "TOKEN" and m.params[0] == "ADDED").params[2]
    racers = [house.open("plain") for _ in range(50)]
    for racer in racers:
        racer.send("CAP LS 302")
        assert plain(racer, "fifty", token) == "903"
    for racer in racers:
        racer.send("NICK only-one", "USER x 0 * :x", "CAP END")
    assert [until(racer, "001", "433").params[0] for racer in racers] == ["fifty"] * 50
    for racer in racers:
        racer.close()
    owner.leave()


def test_eight_who_want_one_nick(house: House) -> None:
    racers = [house.member(f"racer{number}") for number in range(8)]
    for racer in racers:
        racer.send("NICK only-one")
    outcomes = [until(racer, "NICK", "433").command for racer in racers]
    assert outcomes.count("NICK") == 1
    for racer in racers:
        racer.leave()


def test_who_is_somebody_and_wants_to_be_another(house: House) -> None:
    house.member("aim").leave()
    member = house.member("insider")
    for nick in ("aim", "AIM", "NickServ"):
        member.send(f"NICK {nick}")
        assert until(member, "433", "432", "NICK").command in ("433", "432")
    assert plain(member, "aim", "wrong-password") == "904"
    member.send("WHOIS insider", "REGISTER aim * another-password", "VERIFY aim AAAA")
    account = member.until("330")
    assert account.params[1:3] == ("insider", "insider")
    # Before one is in: a login that went wrong leaves the one that went well.
    other = house.open()
    other.send("CAP LS 302")
    assert plain(other, "insider", PASSWORD) == "903"
    assert plain(other, "aim", "wrong-password") == "904"
    other.send("NICK aim", "USER x 0 * :x", "CAP END")
    assert until(other, "001", "433").params[0] in ("insider", "*", "aim")
    seen = [message for message in other.sync() if message.command == "001"]
    assert all("aim!" not in message.params[-1] for message in [*other.seen, *seen])
    for client in (member, other):
        client.leave()


def test_who_says_to_come_from_elsewhere(house: House) -> None:
    here, elsewhere = IPv4Address("127.0.0.1"), IPv4Address("192.0.2.7")
    port = house.server.ports["plain"]
    for header in (version_1, version_2):
        stranger = house.open("plain")
        stranger.socket.sendall(header(elsewhere, 4711, here, port))
        stranger.send("NICK proxied", "USER x 0 * :x")
        with suppress(EOFError, OSError):
            until(stranger, "001")
        house.outside(stranger)


@ssh.NEEDED
def test_who_comes_by_ssh(house: House, tmp_path: Path) -> None:
    port, key = house.server.ports["ssh"], ssh.make_key(tmp_path)
    wrong = ssh.answering(tmp_path, "wrong-password")
    once = "-oNumberOfPasswordPrompts=1"
    house.member("shelly").leave()
    for user, given, environment in (
        ("walker", None, None),
        ("walker", key, None),
        ("walker", key, wrong),
        ("shelly", None, wrong),
        ("shelly", key, wrong),
    ):
        tried = ssh.run(port, once, "who", user=user, key=given, environment=environment)
        assert tried.returncode == 255, tried.stdout
        assert tried.stdout == ""
    house.outside()


def test_a_friend_gets_in(house: House) -> None:
    with house.member("friend", house.invite()) as friend:
        friend.join("#lobby")
        assert house.owner.until("JOIN").nick == "friend"
    again = house.open("plain")
    again.send("CAP LS 302")
    assert plain(again, "friend", PASSWORD) == "903"
    again.send("NICK friend", "USER x 0 * :x", "CAP END")
    assert "friend!" in again.until("001").params[-1]


def test_no_secret_is_in_the_log_or_among_what_was_said(house: House) -> None:
    log = house.server.log.read_text()
    kept = b"".join(file.read_bytes() for file in house.server.directory.glob("journal.sqlite*"))
    for secret in (PASSWORD, "wrong-password", "another-password", "hub_"):
        assert secret not in log
        assert secret.encode() not in kept
