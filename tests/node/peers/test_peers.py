"""What is asked of one node and done at all: REHASH, and telling owners of failed logins."""

from __future__ import annotations

import pytest

from hubbub.core.requests import SendMail
from hubbub.node.mailer import Mailer, Route
from hubbub.node.peers.payloads import packed
from hubbub.node.peers.peers import FAILED, REREAD
from tests.node.peers.stalling import servers

# The hub's clock is the test's, which no compiled class takes.
pytestmark = pytest.mark.pure


async def test_a_rehash_has_all_nodes_reread_their_settings() -> None:
    async with servers(3) as all_of_them:
        members = all_of_them.members
        members[0].node.hub.peers.have_reread("ann")
        await all_of_them.flow()
        assert [member.node.reloads for member in members] == [0, 1, 1]


async def test_who_says_rehash_reaches_all() -> None:
    async with servers() as both:
        one, two = both.members
        root = await both.operator(one, "root", "root")
        await both.ask(root, "REHASH")
        assert (one.node.reloads, two.node.reloads) == (1, 1)


async def test_an_owner_is_told_at_any_node_what_was_guessed_and_once() -> None:
    async with servers() as both:
        one, two = both.members
        await one.node.attach("ann", "ann")
        await both.flow()
        one.node.hub.peers.login_failed("ann", "tls")
        await both.flow()
        there = two.node.hub.sessions.failed_logins
        assert there.total == 0, "what each node counts for its operators is its own"
        failures = there.of("ann")
        assert failures is not None
        assert (failures.unseen, failures.door) == (1, "tls")


async def test_an_address_gets_so_many_emails_an_hour_from_all_nodes_together() -> None:
    route = Route("mail.test", 25, "none", "hub@mail.test", "hub.test", per_hour=2)
    mailers = [Mailer(route), Mailer(route)]
    why: list[str] = []
    async with servers() as both:
        for member, mailer in zip(both.members, mailers, strict=True):
            member.node.hub.peers.count_mail(mailer)
        for number in range(4):
            mail = SendMail("Ann@example.org", "code", "1234", why.append)
            why.append(mailers[number % 2]._refusal(route, mail))
            await both.flow()
    assert why == ["", "", *["too many to this address in an hour (mail.per_hour)"] * 2]
    assert "example" not in str(mailers[1]._sent), "who it is the other node is not told"


@pytest.mark.parametrize(("kind", "payload"), [(REREAD, b"[1]"), (FAILED, packed("nobody", "tls"))])
async def test_what_means_nothing_does_nothing(kind: str, payload: bytes) -> None:
    async with servers() as both:
        both.log.relay.of(1).send(kind, payload)
        await both.flow()
        two = both.members[1].node
        assert two.reloads == 0
        assert two.hub.sessions.failed_logins.of("nobody") is None
