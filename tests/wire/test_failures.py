"""Each way to fail has an exit code, and the help names every code."""

from __future__ import annotations

import re

from hubbub.cli.wire import EXIT_CODES
from hubbub.wire.failures import CutShort, WireCode, WireFailure


def test_the_help_names_every_code_that_there_is() -> None:
    named = {int(number) for number in re.findall(r"\b(\d+) ", EXIT_CODES)}
    assert named == set(WireCode) - {WireCode.FAILED}


def test_each_failure_has_a_code_of_its_own_kind() -> None:
    codes = {kind.code for kind in WireFailure.__subclasses__() if kind is not CutShort}
    assert codes == set(WireCode) - {WireCode.DONE, WireCode.FAILED, WireCode.INTERRUPTED}
