"""The table of numerics."""

from __future__ import annotations

from hubbub.irc import numerics
from hubbub.irc.numerics import Numeric

TABLE = {name: value for name, value in vars(numerics).items() if isinstance(value, Numeric)}


def test_every_numeric_has_three_digits_of_its_own() -> None:
    codes = [numeric.code for numeric in TABLE.values()]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 3 and code.isdecimal() for code in codes)


def test_names_say_whether_it_is_an_error() -> None:
    for name, numeric in TABLE.items():
        assert name.startswith(("RPL_", "ERR_"))
        if name.startswith("ERR_"):
            assert (
                400 <= int(numeric.code) < 600
                or numeric.code in ("696", "734")
                or numeric.code[0] == "9"
            )
