"""One-time passwords (TOTP, RFC 6238): 6 digits, every 30 seconds, SHA-1, as all apps know them."""

from __future__ import annotations

from typing import Final

STEP_SECONDS: Final = 30
DRIFT_STEPS: Final = 1
"""How many steps before and after the present one are taken, for clocks differ."""


def step_of(key: str, code: str, now: int) -> int:
    """Return the time step that a code belongs to, or 0 where it is wrong; `now` in seconds.

    `key` is in base32.
    """
    # Imported here, for a start takes longer with its library, and need not have it.
    import pyotp

    totp = pyotp.TOTP(key)
    present = now // STEP_SECONDS
    steps = range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1)
    # Every step is tried, so that the time taken does not tell which one was near.
    right = [
        step for step in steps if pyotp.utils.strings_equal(totp.at(step * STEP_SECONDS), code)
    ]
    return right[-1] if right else 0


def address(key: str, account: str, network: str) -> str:
    """Return the otpauth address that an app reads from a QR code."""
    import pyotp

    return pyotp.TOTP(key).provisioning_uri(name=account, issuer_name=network)
