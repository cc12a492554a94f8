"""Failed logins: counted, told to the owner once, shown to operators."""

from __future__ import annotations

from hubbub.core.world.failed_logins import REMEMBERED, FailedLogins
from tests.core.commands.accounts.test_sasl import begin, log_in
from tests.core.commands.operators_at_hand import operator
from tests.core.world_harness import Client, Harness, shown


def told(client: Client, harness: Harness, given: str = "") -> list[str]:
    """Log in, come in, and return the notices."""
    client.session.negotiating = True
    log_in(client, password=given)
    client.take()
    answers = [*client.send("NICK ann"), *client.send("USER x 0 * :x"), *client.send("CAP END")]
    return [line for line in shown(answers) if line.startswith("NOTICE") and "failed" in line]


def test_the_owner_is_told_once(harness: Harness) -> None:
    harness.account("ann")
    assert told(harness.open(["sasl"]), harness) == []
    for _ in range(6):
        log_in(harness.open(["sasl"]), password="wrong-guess")
    (notice,) = told(harness.open(["sasl"]), harness)
    assert "6 logins to your account failed since your last one" in notice
    assert "by the door door" in notice
    assert told(harness.open(["sasl"]), harness) == []


def test_who_logs_in_while_connected_too(harness: Harness) -> None:
    harness.account("ann")
    log_in(harness.open(["sasl"]), password="wrong-guess")
    guest = harness.connect("somebody")
    lines = shown(guest.send("IDENTIFY ann secret"))
    assert any("1 login to your account failed" in line for line in lines)


def test_a_token_for_one_purpose_is_told_nothing(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    token = ann.send("TOKEN ADD ci post:#a")[0].params[2]
    log_in(harness.open(["sasl"]), password="wrong-guess")
    assert told(harness.open(["sasl"]), harness, token) == []
    assert len(told(harness.open(["sasl"]), harness)) == 1


def test_operators_see_how_many(harness: Harness) -> None:
    root = operator(harness, "root", "admin")
    harness.account("ann")
    assert not any("failed" in line for line in shown(root.send("ACCOUNT SHOW ann")))
    for _ in range(3):
        log_in(harness.open(["sasl"]), password="wrong-guess")
    assert begin(harness.open(), "bob")
    (line,) = [line for line in shown(root.send("ACCOUNT SHOW ann")) if "failed" in line]
    assert "failed logins: 3, 3 of them since the last login" in line
    assert any("failed-logins 3 since" in line for line in shown(root.send("STATUS")))


def test_as_many_are_remembered_as_may_be() -> None:
    failed = FailedLogins()
    for number in range(REMEMBERED + 1):
        failed.failed(f"a{number}", "tls", number)
    assert failed.of("a0") is None
    assert failed.of("A1") is not None
    assert failed.total == REMEMBERED + 1
