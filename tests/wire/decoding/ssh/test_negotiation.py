"""What two offers come to, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.decoding.ssh.negotiation import LISTS, KexOffer, choose, read_offer
from hubbub.wire.failures import CutShort
from tests.wire.decoding.ssh.packing import OFFER, kexinit

NAMES = st.lists(st.sampled_from(["a", "b", "c", "ext-info-c"]), max_size=4).map(tuple)
OFFERS = st.lists(NAMES, min_size=len(LISTS), max_size=len(LISTS)).map(
    lambda lists: KexOffer(tuple(lists))
)


def test_an_offer_is_read_as_it_was_made() -> None:
    assert read_offer(kexinit()) == OFFER
    with pytest.raises(CutShort):
        read_offer(kexinit()[:-80])


def test_the_client_s_first_that_the_server_has_wins() -> None:
    server = replace(
        OFFER,
        lists=(("ecdh-sha2-nistp256", "curve25519-sha256"), ("rsa-sha2-512",), *OFFER.lists[2:]),
    )
    exchange, host_key = choose(OFFER, server)[:2]
    assert exchange.name == "curve25519-sha256"
    assert exchange.why == "the client's first, and the server has it"
    assert host_key.why.endswith("it lacks ssh-ed25519")


def test_a_cipher_with_a_tag_needs_no_mac() -> None:
    choices = {choice.what: choice for choice in choose(OFFER, OFFER)}
    assert choices["MAC, client to server"].name == "none"
    assert "chacha20-poly1305" in choices["MAC, client to server"].why
    assert choices["MAC, server to client"].name == "hmac-sha2-256"


def test_nothing_in_common_is_said() -> None:
    server = replace(OFFER, lists=((), *OFFER.lists[1:]))
    assert choose(OFFER, server)[0].name == ""


@given(OFFERS, OFFERS)
def test_what_is_chosen_both_have_and_nothing_better(client: KexOffer, server: KexOffer) -> None:
    for choice, ours, theirs in zip(
        choose(client, server), client.lists, server.lists, strict=True
    ):
        common = [name for name in ours if name in theirs and name != "ext-info-c"]
        assert choice.name == (common[0] if common else "")
