"""Switches for bad days: what newcomers may not do while one is off."""

from __future__ import annotations

from typing import Final

REGISTRATIONS: Final = "registrations"
GUESTS: Final = "guests"
SWITCHES: Final = {
    REGISTRATIONS: "nobody new can register an account",
    GUESTS: "nobody new comes in without an account",
}
"""Each switch, and what is so while it is off."""
