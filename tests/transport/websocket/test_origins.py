"""Which web pages may connect."""

from __future__ import annotations

import pytest

from hubbub.transport.websocket.origins import ANY, Origins

OURS = "https://chat.test"


@pytest.mark.parametrize(
    ("allowed", "origin", "accepted"),
    [
        ([], None, True),
        ([], OURS, False),
        ([OURS], OURS, True),
        ([OURS], "HTTPS://Chat.test", True),
        ([OURS], None, True),
        ([OURS], "https://chat.test.evil", False),
        ([OURS], "http://chat.test", False),
        ([OURS], "null", False),
        ([OURS, ANY], "https://evil.test", True),
    ],
)
def test_a_page_is_let_in_if_the_operator_named_it_and_a_program_always(
    allowed: list[str], origin: str | None, accepted: bool
) -> None:
    assert Origins(allowed).accepts(origin) is accepted
