"""How long failures make the next login wait, and that nobody is kept out for long by others."""

from __future__ import annotations

import pytest

from hubbub.node import login_delays
from hubbub.node.login_delays import (
    ACCOUNT_SECONDS,
    ADDRESS_SECONDS,
    CODE_SECONDS,
    FORGET_SECONDS,
    FREE_CODES,
    FREE_FAILURES,
    LONGEST_SECONDS,
    MOST_CODE_SECONDS,
    REGISTRATION_SECONDS,
    REGISTRATIONS,
    REMEMBERED,
    LoginDelays,
)

AT = "192.0.2.1"


@pytest.fixture
def delays() -> LoginDelays:
    return LoginDelays()


def fail(delays: LoginDelays, times: int, address: str = AT, account: str = "ann") -> None:
    for _ in range(times):
        delays.failed(address, account, 0.0)


def test_a_slip_costs_nothing(delays: LoginDelays) -> None:
    fail(delays, FREE_FAILURES - 1)
    assert delays.wait(AT, "ann", 1.0) == 0.0


def test_the_more_failures_the_longer_the_wait(delays: LoginDelays) -> None:
    fail(delays, FREE_FAILURES)
    waits = []
    for now in range(0, 4000, 400):
        waits.append(delays.wait(AT, "", float(now)))
        delays.failed(AT, "", float(now))
    assert waits[:3] == [1.0, 2.0, 4.0]
    assert waits[-1] == ADDRESS_SECONDS


def test_an_account_waits_some_seconds_only(delays: LoginDelays) -> None:
    fail(delays, 50, "")
    assert [delays.wait("198.51.100.1", "ann", 0.0) for _ in range(9)] == [ACCOUNT_SECONDS] * 9


def test_those_who_guess_at_once_wait_for_each_other(delays: LoginDelays) -> None:
    fail(delays, FREE_FAILURES + 5)
    waits = [delays.wait(AT, "", 0.0) for _ in range(100)]
    assert waits[:5] == [32.0, 64.0, 96.0, 128.0, 160.0]
    assert set(waits[5:]) == {None}
    assert delays.wait(AT, "", 160.0) == 32.0
    assert LONGEST_SECONDS > ADDRESS_SECONDS


def test_others_do_not_wait(delays: LoginDelays) -> None:
    fail(delays, 50)
    assert delays.wait("198.51.100.1", "bob", 0.0) == 0.0
    assert delays.wait("", "", 0.0) == 0.0


def test_failures_are_forgotten(delays: LoginDelays) -> None:
    fail(delays, 50)
    assert delays.wait(AT, "ann", FORGET_SECONDS + 1) == 0.0
    fail(delays, 50)
    delays.succeeded("ann")
    assert delays.wait("", "ann", 0.0) == 0.0
    assert delays.wait(AT, "", 0.0) == ADDRESS_SECONDS, "one's own account frees no address"


def test_so_many_are_remembered(delays: LoginDelays, monkeypatch: pytest.MonkeyPatch) -> None:
    assert REMEMBERED > 1000
    monkeypatch.setattr(login_delays, "REMEMBERED", 4)
    for number in range(10):
        fail(delays, FREE_FAILURES, f"192.0.2.{number}", "")
    assert delays.wait("192.0.2.5", "", 0.0) == 0.0
    assert delays.wait("192.0.2.9", "", 0.0) == 1.0


def test_one_time_passwords_are_guessed_more_and_more_slowly(delays: LoginDelays) -> None:
    now = tried = 0
    while now < 86_400:
        if delays.takes_codes("ann", now):
            delays.code_failed("ann", now)
            tried += 1
        now += 1
    # Of a million codes three are right at any time.
    assert tried < FREE_CODES + 86_400 / MOST_CODE_SECONDS + 10
    assert not delays.takes_codes("ann", float(now))
    assert delays.takes_codes("bob", float(now))


def test_the_right_one_ends_that(delays: LoginDelays) -> None:
    for _ in range(FREE_CODES):
        assert delays.takes_codes("ann", 0.0)
        delays.code_failed("ann", 0.0)
    assert not delays.takes_codes("ann", CODE_SECONDS - 1)
    assert delays.takes_codes("ann", CODE_SECONDS)
    delays.succeeded("ann")
    delays.code_failed("ann", CODE_SECONDS)
    assert delays.takes_codes("ann", CODE_SECONDS)


def test_an_address_makes_so_many_accounts_an_hour(delays: LoginDelays) -> None:
    made = [delays.may_register(AT, float(now)) for now in range(0, 3600, 60)]
    assert made == [True] * REGISTRATIONS + [False] * (60 - REGISTRATIONS)
    assert delays.may_register("198.51.100.1", 3599.0)
    assert delays.may_register(AT, REGISTRATION_SECONDS)
    assert all(delays.may_register("", 0.0) for _ in range(100))
