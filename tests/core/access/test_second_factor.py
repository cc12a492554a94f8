"""One-time passwords (RFC 6238), as every app makes them."""

from __future__ import annotations

from base64 import b32encode
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.access.second_factor import DRIFT_STEPS, STEP_SECONDS, address, step_of

KEY = b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("now", "code"), [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")]
)
def test_the_codes_of_the_specification_are_right(now: int, code: str) -> None:
    assert step_of(KEY, code, now) == now // STEP_SECONDS


@given(st.integers(10**9, 2 * 10**9), st.integers(-4 * STEP_SECONDS, 4 * STEP_SECONDS))
def test_a_clock_may_be_off_by_a_step_and_the_step_is_the_codes(now: int, off: int) -> None:
    theirs = (now + off) // STEP_SECONDS
    step = step_of(KEY, pyotp.TOTP(KEY).at(theirs * STEP_SECONDS), now)
    if abs(theirs - now // STEP_SECONDS) <= DRIFT_STEPS:
        assert step == theirs
    else:
        assert step != theirs


@pytest.mark.parametrize("code", ["", "000000", "287082 "])
def test_anything_else_is_no_step(code: str) -> None:
    assert step_of(KEY, code, 59) == 0


def test_an_app_reads_account_network_and_key_from_the_address() -> None:
    parts = urlsplit(address(KEY, "ann", "Our Network"))
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/Our%20Network:ann")
    assert parse_qs(parts.query) == {"secret": [KEY], "issuer": ["Our Network"]}
