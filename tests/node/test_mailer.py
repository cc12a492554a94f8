"""E-mails reach a real mail server, or are dropped with a reason, and headers stay ours."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from hubbub.core.requests import SendMail
from hubbub.node import mailer
from hubbub.node.mailer import Mailer, Route
from tests.e2e.mail_server import PATIENCE, MailServer, certified

MAIL = SendMail("ann@example.org", "Your code for Test", "Give this code: ABCD\n\nör do nothing.\n")


def route(server: MailServer, **changed: Any) -> Route:
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "sender": "chat@hub.test",
        "name": "hub.test",
    }
    return Route(**(values | changed))


def sent(route: Route | None, *mails: SendMail, retries: Sequence[float] = (0.0, 0.0)) -> list[Any]:
    """Send e-mails and wait for what becomes of them; return what was logged."""

    async def send() -> None:
        sender = Mailer(route, retries)
        for mail in mails:
            sender.send(mail)
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))

    with capture_logs() as logged:
        asyncio.run(send())
    with warnings.catch_warnings():
        # A TLS connection ends when both ends have closed it, which the loop did not wait for.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    return logged


def test_an_email_arrives_as_it_was_written() -> None:
    with MailServer() as server:
        logged = sent(route(server), MAIL)
        message = server.next()
    assert message["From"] == "chat@hub.test"
    assert message["To"] == "ann@example.org"
    assert message["Subject"] == MAIL.subject
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"]
    assert message["Message-ID"].endswith("@hub.test>")
    assert message["X-Envelope"] == "chat@hub.test ann@example.org"
    assert message.get_content().replace("\r\n", "\n") == MAIL.text
    [line] = logged
    assert line["event"] == "e-mail sent"
    assert "ABCD" not in str(logged)
    assert "ann" not in str(logged)


def test_it_logs_in_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls, trusted = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with MailServer(login=("hub", "secret word"), tls=tls) as server:
        right = route(server, security="starttls", user="hub", password="secret word")
        sent(right, MAIL)
        assert server.next()["To"] == MAIL.to
        [line] = sent(replace(right, password="wrong word"), MAIL)
        assert line["event"] == "e-mail dropped"
        assert "word" not in str(line)
        assert server.received.empty()


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    with MailServer(tls=certified(tmp_path)[0]) as server:
        *_, line = sent(route(server, security="starttls"), MAIL)
        assert line["event"] == "e-mail dropped"
        assert server.received.empty()


def test_nothing_is_sent_in_clear_where_encryption_is_wanted() -> None:
    with MailServer() as server:
        *_, line = sent(route(server, security="starttls"), MAIL)
        assert line["event"] == "e-mail dropped"
        assert server.received.empty()


@pytest.mark.parametrize("reply", ["451 later", "421 busy"])
def test_what_passes_is_tried_again(reply: str) -> None:
    with MailServer(replies=[reply]) as server:
        events = [line["event"] for line in sent(route(server), MAIL)]
        assert events == ["e-mail not sent yet", "e-mail sent"]
        assert server.next()["To"] == MAIL.to


def test_it_gives_up() -> None:
    with MailServer(replies=["451 later <ann@example.org>"] * 5) as server:
        *_, line = sent(route(server), MAIL)
        assert line["event"] == "e-mail dropped"
        assert line["attempts"] == 3
        assert "ann@" not in str(line)
        assert len(server.replies) == 2


def test_what_is_refused_for_good_is_not_tried_again() -> None:
    with MailServer(replies=["550 no"]) as server:
        [line] = sent(route(server), MAIL)
        assert line["event"] == "e-mail dropped"
        assert server.received.empty()


def test_nobody_listens() -> None:
    with MailServer() as server:
        closed = route(server)
    *_, line = sent(closed, MAIL)
    assert line["event"] == "e-mail dropped"
    assert line["why"].startswith(f"{closed.host}:{closed.port}: ")
    assert "refused" in line["why"]


def test_without_a_mail_server_nothing_is_sent() -> None:
    [line] = sent(None, MAIL)
    assert line["event"] == "e-mail dropped"
    assert "[mail]" in line["why"]
    assert "ABCD" not in str(line)


@pytest.mark.parametrize(
    "mail",
    [
        SendMail("a@b.org\r\nBcc: c@d.org", "subject", "text"),
        SendMail("a@b.org", "subject\nBcc: c@d.org", "text"),
    ],
)
def test_no_header_is_slipped_in(mail: SendMail) -> None:
    with MailServer() as server:
        [line] = sent(route(server), mail)
        assert line["event"] == "e-mail dropped"
        assert server.received.empty()


def test_one_address_gets_so_many_an_hour() -> None:
    other = SendMail("Bob@example.org", "subject", "text")
    again = SendMail("bob@EXAMPLE.org", "subject", "text")
    with MailServer() as server:
        logged = sent(route(server, per_hour=1), MAIL, MAIL, other, again)
        assert sorted(server.next()["To"] for _ in range(2)) == ["Bob@example.org", MAIL.to]
        assert server.received.empty()
    dropped = [line for line in logged if line["event"] == "e-mail dropped"]
    assert len(dropped) == 2
    assert all("mail.per_hour" in line["why"] for line in dropped)


@pytest.mark.parametrize("bound", ["QUEUE", "ADDRESSES"])
def test_what_is_too_much_is_dropped(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(mailer, bound, 1)
    other = SendMail("bob@example.org", "subject", "text")
    with MailServer() as server:
        logged = sent(route(server), MAIL, other)
        assert server.next()["To"] == MAIL.to
        assert server.received.empty()
    assert logged[0]["event"] == "e-mail dropped"
    assert logged[0]["why"].startswith("1 ")


def test_a_stop_waits_for_nothing() -> None:
    async def stop() -> None:
        with MailServer(replies=["451 later"] * 9) as server:
            sender = Mailer(route(server), retries=(3600.0,))
            sender.send(MAIL)
            assert await asyncio.to_thread(server.refused.wait, PATIENCE)
            await sender.stop()
            assert sender.waiting == 0

    with capture_logs() as logged:
        asyncio.run(stop())
    [line] = [line for line in logged if line["event"] == "e-mails not sent before the stop"]
    assert line["count"] == 1


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(Route("h", 1, "tls", "a@b.c", "n", "user", "secret"))
