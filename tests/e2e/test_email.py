"""Codes by e-mail, through a real mail server: a new account, and a lost password."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from hubbub.irc.message import Message
from tests.e2e.irc_client import Client
from tests.e2e.mail_server import MailServer, certified
from tests.e2e.server import Server

ADDRESS = "ann@example.org"


def code_in(server: MailServer) -> str:
    """Return the code of the next e-mail, which goes to Ann."""
    message = server.next()
    assert message["X-Envelope"] == f"chat@example.org {ADDRESS}"
    found = re.search(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){3}", message.get_content())
    assert found is not None
    return found.group()


def asked(client: Client, text: str) -> str:
    """Return what NickServ answers."""
    client.send(f"PRIVMSG NickServ :{text}")
    return client.until(_of_nickserv).params[1]


def _of_nickserv(message: Message) -> bool:
    return message.command == "NOTICE" and (message.source or "").startswith("NickServ!")


def sasl(port: int, account: str, password: str) -> str:
    """Try to log in while connecting; return the numeric that says how it went."""
    client = Client(port)
    client.send("CAP REQ sasl", "NICK other", "USER other 0 * :other", "AUTHENTICATE PLAIN")
    plain = base64.b64encode(f"\0{account}\0{password}".encode()).decode()
    client.until("AUTHENTICATE")
    client.send(f"AUTHENTICATE {plain}")
    outcome = client.until(lambda message: message.command in ("903", "904")).command
    client.close()
    return outcome


def test_codes_by_email(tmp_path: Path) -> None:
    tls, trusted = certified(tmp_path)
    with MailServer(login=("hub", "mail-secret"), tls=tls) as mails:
        settings = {
            "SSL_CERT_FILE": str(trusted),
            "HUBBUB_ACCOUNTS__EMAIL": "required",
            "HUBBUB_MAIL__HOST": "127.0.0.1",
            "HUBBUB_MAIL__PORT": str(mails.port),
            "HUBBUB_MAIL__SENDER": "chat@example.org",
            "HUBBUB_MAIL__USER": "hub",
            "HUBBUB_MAIL__PASSWORD": "mail-secret",
        }
        with Server(tmp_path / "data", **settings) as server:
            port = server.ports["plain"]
            register(mails, port)
            lose_the_password(mails, port)
        log = server.log.read_text()
    for secret in ("mail-secret", ADDRESS, "correct-horse", "battery-staple"):
        assert secret not in log
        assert secret not in server.banner


def register(mails: MailServer, port: int) -> None:
    """Register an account, which is none before its code was shown."""
    ann = Client(port).register("ann")
    assert "needs an e-mail address" in asked(ann, "REGISTER correct-horse")
    assert "VERIFY ann code" in asked(ann, f"REGISTER correct-horse {ADDRESS}")
    code = code_in(mails)
    assert sasl(port, "ann", "correct-horse") == "904"
    assert "not valid" in asked(ann, "VERIFY AAAA-AAAA-AAAA-AAAA")
    assert asked(ann, f"VERIFY ann {code.lower()}") == "ann: Account registered"
    other = Client(port).register("other")
    assert "not valid" in asked(other, f"VERIFY ann {code}")
    assert sasl(port, "ann", "correct-horse") == "903"
    ann.close()
    other.close()


def lose_the_password(mails: MailServer, port: int) -> None:
    """Set another password with a code, once."""
    guest = Client(port).register("guest")
    sent = asked(guest, "SENDPASS ann")
    assert asked(guest, "SENDPASS nobody") == sent.replace("ann", "nobody")
    code = code_in(mails)
    assert "not valid" in asked(guest, "RESETPASS ann AAAA-AAAA-AAAA-AAAA battery-staple")
    assert "changed" in asked(guest, f"RESETPASS ann {code} battery-staple")
    assert "not valid" in asked(guest, f"RESETPASS ann {code} another-staple")
    assert sasl(port, "ann", "correct-horse") == "904"
    assert sasl(port, "ann", "battery-staple") == "903"
    assert mails.received.empty()
    guest.close()
