"""Who may guess how often: never more than allowed, and no stranger keeps an owner out."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.node.auth import login_delays
from hubbub.node.auth.login_delays import (
    ACCOUNT_FREE,
    ACCOUNT_SECONDS,
    ADDRESS_FREE,
    ADDRESS_SECONDS,
    CODE_SECONDS,
    FREE_CODES,
    KNOWN_PLACES,
    KNOWN_SECONDS,
    LONGEST_SECONDS,
    MOST_CODE_SECONDS,
    PAIR_FREE,
    PAIR_SECONDS,
    REGISTRATION_SECONDS,
    REGISTRATIONS,
    REMEMBERED,
    Guess,
    LoginDelays,
    Throttled,
    Turn,
)

AT, HOME = "192.0.2.1", "203.0.113.9"
ANN = Guess(AT, "ann")


@pytest.fixture
def delays() -> LoginDelays:
    return LoginDelays()


def wait(delays: LoginDelays, guess: Guess = ANN, now: float = 0.0) -> float | None:
    """Take a turn and return how long it waits, None where it was refused."""
    turn = delays.take(guess, now)
    return None if isinstance(turn, Throttled) else turn.wait


def fail(delays: LoginDelays, guess: Guess, times: int, now: float = 0.0) -> None:
    for _ in range(times):
        turn = delays.take(guess, now)
        if isinstance(turn, Turn):
            delays.wrong(turn, now)


def test_guesses_are_counted_before_any_is_checked(delays: LoginDelays) -> None:
    waits = [wait(delays) for _ in range(64)]
    later = [PAIR_SECONDS * number for number in range(1, 7)]
    assert waits == [0.0] * PAIR_FREE + later + [None] * (64 - PAIR_FREE - len(later))
    assert later[-1] <= LONGEST_SECONDS


def test_a_refused_one_is_told_when_and_counts_nothing(delays: LoginDelays) -> None:
    refused = [delays.take(ANN, 0.0) for _ in range(64)][-1]
    assert refused == Throttled(LONGEST_SECONDS + PAIR_SECONDS)
    assert wait(delays, now=LONGEST_SECONDS + PAIR_SECONDS) == 0.0


def test_what_is_right_counts_nothing(delays: LoginDelays) -> None:
    for _ in range(100):
        turn = delays.take(ANN, 0.0)
        assert isinstance(turn, Turn)
        assert turn.wait == 0.0
        delays.right(turn, 0.0)


def test_a_person_who_mistypes_now_and_then_never_waits(delays: LoginDelays) -> None:
    delays.logged_in(AT, "ann")
    assert {wait(delays, now=KNOWN_SECONDS * number) for number in range(100)} == {0.0}


def test_one_with_an_old_password_makes_nobody_else_wait(delays: LoginDelays) -> None:
    for now in range(0, 7200, 10):
        fail(delays, ANN, 1, now)
        if now % 300 == 0:
            assert wait(delays, Guess(AT, "bob"), now) == 0.0


def test_an_old_password_that_is_repeated_counts_nothing(delays: LoginDelays) -> None:
    old = replace(ANN, digest=b"old")
    fail(delays, old, 1)
    turns = [delays.take(old, 1.0) for _ in range(1000)]
    assert all(isinstance(turn, Turn) and turn.repeats and not turn.taken for turn in turns)
    assert wait(delays, replace(ANN, digest=b"new"), 1.0) == 0.0
    assert wait(delays, replace(ANN, account="bob", digest=b"old"), 1.0) == 0.0


def test_twelve_wrong_ones_of_a_stranger_make_the_owner_wait_for_nothing(
    delays: LoginDelays,
) -> None:
    fail(delays, ANN, 12)
    assert wait(delays, Guess(HOME, "ann")) == 0.0


def test_no_number_of_strangers_keeps_an_owner_out_who_is_known(delays: LoginDelays) -> None:
    delays.logged_in(HOME, "ann")
    for number in range(1000):
        fail(delays, Guess(f"198.51.100.{number}", "ann"), 64)
    assert wait(delays, Guess("new", "ann")) is None
    assert wait(delays, Guess(HOME, "ann")) == 0.0
    # Nor do those who try all accounts from the owner's own address.
    for number in range(1000):
        fail(delays, Guess(HOME, f"a{number}"), 4)
    assert wait(delays, Guess(HOME, "bob")) is None
    assert wait(delays, Guess(HOME, "ann")) == 0.0


def test_all_accounts_of_an_address_share_one_allowance(delays: LoginDelays) -> None:
    waits = [wait(delays, Guess(AT, f"a{number}")) for number in range(ADDRESS_FREE + 3)]
    assert waits == [0.0] * ADDRESS_FREE + [ADDRESS_SECONDS * n for n in (1, 2, 3)]
    many = [wait(delays, Guess("proxy", f"a{number}", many=True)) for number in range(100)]
    assert many == [0.0] * 100, "an address of everybody has none"


def test_an_account_has_one_for_all_addresses(delays: LoginDelays) -> None:
    waits = [wait(delays, Guess(f"{n}", "ann")) for n in range(ACCOUNT_FREE + 2)]
    assert waits == [0.0] * ACCOUNT_FREE + [ACCOUNT_SECONDS, 2 * ACCOUNT_SECONDS]
    public = [wait(delays, Guess(f"{n}", "*server", public=True)) for n in range(1000)]
    assert public == [0.0] * 1000, "a secret of everybody has none"


def test_what_is_given_back_is_not_given_twice(delays: LoginDelays) -> None:
    first = delays.take(ANN, 0.0)
    assert isinstance(first, Turn)
    fail(delays, ANN, PAIR_FREE, PAIR_SECONDS)
    delays.give_back(first, PAIR_SECONDS)
    assert wait(delays, now=PAIR_SECONDS) == PAIR_SECONDS


def test_an_account_is_known_at_the_latest_addresses(delays: LoginDelays) -> None:
    for number in range(KNOWN_PLACES + 1):
        delays.logged_in(f"{number}", "ann")
    known = [n for n in range(KNOWN_PLACES + 1) if delays._is_known(Guess(f"{n}", "ann"))]
    assert known == list(range(1, KNOWN_PLACES + 1))
    assert not delays._is_known(Guess("1", "bob"))


def test_so_much_is_remembered(delays: LoginDelays, monkeypatch: pytest.MonkeyPatch) -> None:
    assert REMEMBERED > 1000
    monkeypatch.setattr(login_delays, "REMEMBERED", 4)
    for number in range(10):
        fail(delays, Guess(f"{number}", f"a{number}"), 9)
        delays.logged_in("x", f"b{number}")
        delays.code_failed(Guess("x", f"c{number}"), 0.0)
        delays.may_register(f"{number}", 0.0)
    kept = (
        delays._pairs, delays._addresses, delays._accounts,
        delays._known, delays._codes, delays._registrations,
    )  # fmt: skip
    assert [len(one) for one in kept] == [4] * len(kept)
    assert wait(delays, Guess("9", "a9")) != 0.0, "the latest is"


STEP = st.tuples(
    st.sampled_from(["h1", "h2", "h3", "home"]),
    st.sampled_from(["ann", "bob", "cid"]),
    st.sampled_from([0.0, 0.0, 0.1, 5.0, 40.0]),
    st.booleans(),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(STEP, max_size=300))
def test_never_more_is_checked_than_is_allowed(steps: list[tuple[str, str, float, bool]]) -> None:
    """Whatever comes in whatever order, wrong or broken off, and the owner waits for none of it."""
    delays, now = LoginDelays(), 0.0
    delays.logged_in("home", "ann")
    pending: list[tuple[float, int, Turn, bool]] = []
    checked: dict[tuple[str, str], list[float]] = defaultdict(list)
    for number, (address, account, passed, broken_off) in enumerate(steps):
        now += passed
        guess = Guess(address, account)
        if (address, account) == ("home", "ann"):
            # The owner, with the right one.
            turn = delays.take(guess, now)
            assert isinstance(turn, Turn)
            assert turn.wait == 0.0
            delays.right(turn, now)
            continue
        turn = delays.take(guess, now)
        if isinstance(turn, Turn):
            heapq.heappush(pending, (now + turn.wait, number, turn, broken_off))
        while pending and pending[0][0] <= now:
            _, _, due, unchecked = heapq.heappop(pending)
            if unchecked:
                delays.give_back(due, now)
                continue
            delays.wrong(due, now)
            at = due.at + due.wait
            for key in (
                (due.guess.address, due.guess.account),
                (due.guess.address, ""),
                ("", due.guess.account),
            ):
                checked[key].append(at)
    for (address, account), times in checked.items():
        free, seconds = (
            (PAIR_FREE, PAIR_SECONDS) if address and account
            else (ADDRESS_FREE, ADDRESS_SECONDS) if address
            else (ACCOUNT_FREE, ACCOUNT_SECONDS)
        )  # fmt: skip
        slack = 0.0 if address and account else LONGEST_SECONDS
        within(sorted(times), lambda span, f=free, s=seconds, k=slack: f + (span + k) / s)  # type: ignore[misc]


def within(times: list[float], allowed: Callable[[float], float]) -> None:
    for first in range(len(times)):
        for last in range(first, len(times)):
            assert last - first + 1 <= allowed(times[last] - times[first]) + 1e-6


def test_one_time_passwords_are_guessed_more_and_more_slowly(delays: LoginDelays) -> None:
    now = tried = 0
    while now < 86_400:
        if delays.takes_codes(ANN, now):
            delays.code_failed(ANN, now)
            tried += 1
        now += 1
    # Of a million codes three are right at any time.
    assert tried < FREE_CODES + 86_400 / MOST_CODE_SECONDS + 10
    assert not delays.takes_codes(ANN, float(now))
    assert not delays.takes_codes(replace(ANN, address="elsewhere"), float(now))
    assert delays.takes_codes(Guess(AT, "bob"), float(now))


def test_who_has_found_out_a_password_keeps_nobody_from_using_codes(delays: LoginDelays) -> None:
    delays.logged_in(HOME, "ann")
    for _ in range(FREE_CODES):
        delays.code_failed(ANN, 0.0)
    assert not delays.takes_codes(ANN, 0.0)
    assert delays.takes_codes(Guess(HOME, "ann"), 0.0)


def test_the_right_one_ends_that(delays: LoginDelays) -> None:
    for _ in range(FREE_CODES):
        assert delays.takes_codes(ANN, 0.0)
        delays.code_failed(ANN, 0.0)
    assert not delays.takes_codes(ANN, CODE_SECONDS - 1)
    assert delays.takes_codes(ANN, CODE_SECONDS)
    delays.code_right(ANN)
    delays.code_failed(ANN, CODE_SECONDS)
    assert delays.takes_codes(ANN, CODE_SECONDS)


def test_an_address_makes_so_many_accounts_an_hour(delays: LoginDelays) -> None:
    made = [delays.may_register(AT, float(now)) for now in range(0, 3600, 60)]
    assert made == [True] * REGISTRATIONS + [False] * (60 - REGISTRATIONS)
    assert delays.may_register("198.51.100.1", 3599.0)
    assert delays.may_register(AT, REGISTRATION_SECONDS)
    assert all(delays.may_register("", 0.0) for _ in range(100))
