"""MODE on channels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.records.channels import ChannelModesSet
from tests.core.world_harness import POLICY, START, Client, Harness, shown

CREATED = START // 1_000_000


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return the operator of #a."""
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    return ann


@pytest.fixture
def bob(harness: Harness, ann: Client) -> Client:
    """Return another member of #a."""
    bob = harness.connect("bob")
    bob.send("JOIN #a")
    ann.take()
    return bob


def test_what_is_set_is_shown(ann: Client) -> None:
    assert shown(ann.send("MODE #a")) == ["324 ann #a +nt", f"329 ann #a {CREATED}"]
    ann.send("MODE #a -nt")
    assert shown(ann.send("MODE #a"))[0] == "324 ann #a +"
    ann.send("MODE #a +slk 5 secret")
    assert shown(ann.send("MODE #A"))[0] == "324 ann #a +skl secret 5"


def test_the_key_is_shown_to_members_only(harness: Harness, ann: Client) -> None:
    ann.send("MODE #a +kl secret 5")
    bob = harness.connect("bob")
    assert shown(bob.send("MODE #a"))[0] == "324 bob #a +ntkl * 5"


def test_changes_are_announced_to_all_members(ann: Client, bob: Client) -> None:
    assert shown(ann.send("MODE #a +ov-t+i bob bob")) == ["MODE #a +ov-t+i bob bob"]
    assert shown(bob.take()) == ["MODE #a +ov-t+i bob bob"]


@pytest.mark.parametrize(
    "line",
    [
        "MODE #a +n",
        "MODE #a -i",
        "MODE #a -k",
        "MODE #a -l",
        "MODE #a -b nobody",
        "MODE #a -v bob",
        "MODE #a +o ann",
        "MODE #a +i-i",
        "MODE #a +",
    ],
)
def test_what_changes_nothing_is_not_announced(
    harness: Harness, ann: Client, bob: Client, line: str
) -> None:
    answered = [message for message in ann.send(line) if message.command == "MODE"]
    assert answered == []
    assert harness.records(ChannelModesSet) == []


def test_of_several_changes_of_one_thing_the_last_counts(ann: Client, bob: Client) -> None:
    assert shown(ann.send("MODE #a +v-v+ov bob BOB bob Bob")) == ["MODE #a +ov bob bob"]
    assert shown(ann.send("MODE #a +b-b+b x X x")) == ["MODE #a +b x!*@*"]


def test_only_operators_may(ann: Client, bob: Client) -> None:
    refused = ["482 bob #a You're not a channel operator"]
    for change in ("+i", "+b x", "+o bob", "+v bob", "-o ann", "+k key", "+e x"):
        assert shown(bob.send(f"MODE #a {change}")) == refused
    assert ann.take() == []


def test_those_outside_may_not(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    assert shown(bob.send("MODE #a +i")) == ["442 bob #a You're not on that channel"]
    ann.send("MODE #a +s")
    assert shown(bob.send("MODE #a")) == ["403 bob #a No such channel"]
    assert shown(bob.send("MODE #none +o ann")) == ["403 bob #none No such channel"]


def test_a_half_operator_may_not_make_operators(ann: Client, bob: Client) -> None:
    ann.send("MODE #a +h bob")
    bob.take()
    for change in ("+o bob", "+h bob", "-o ann"):
        assert shown(bob.send(f"MODE #a {change}")) == ["482 bob #a You're not a channel operator"]
    assert shown(bob.send("MODE #a +vi ann")) == ["MODE #a +vi ann"]
    assert shown(bob.send("MODE #a +v-h bob BOB")) == ["MODE #a +v-h bob bob"]


def test_everybody_may_give_up_what_they_are(ann: Client, bob: Client) -> None:
    ann.send("MODE #a +v bob")
    bob.take()
    assert shown(bob.send("MODE #a -v bob")) == ["MODE #a -v bob"]


def test_a_server_operator_may_from_outside(harness: Harness, ann: Client) -> None:
    oper = harness.connect("op")
    oper.send("OPER root secret")
    oper.send("MODE #a +o-t ann")
    assert shown(ann.take()) == ["MODE #a -t"]


def test_whom_a_status_is_for(harness: Harness, ann: Client) -> None:
    harness.connect("bob")
    assert shown(ann.send("MODE #a +o bob")) == ["441 ann bob #a They aren't on that channel"]
    assert shown(ann.send("MODE #a +o nobody")) == ["401 ann nobody No such nick"]
    assert ann.send("MODE #a +o") == []


def test_unknown_letters_are_answered_and_the_rest_applies(ann: Client) -> None:
    assert shown(ann.send("MODE #a +Zi")) == [
        "472 ann Z is unknown mode char to me",
        "MODE #a +i",
    ]


@pytest.mark.parametrize("key", [":with spaces", "k" * 24, ":", ": ", "a,b", "ü", "::a"])
def test_bad_keys_are_refused_and_not_repeated(ann: Client, key: str) -> None:
    [answer] = ann.send(f"MODE #a +k {key}")
    assert (answer.command, answer.params[:4]) == ("696", ("ann", "#a", "k", "*"))


@pytest.mark.parametrize("limit", ["0", "-1", "abc", ":", "9999999", "٣"])
def test_bad_limits_are_refused(ann: Client, limit: str) -> None:
    [answer] = ann.send(f"MODE #a +l {limit}")
    assert (answer.command, answer.params[1:3]) == ("696", ("#a", "l"))


def test_keys_and_limits(ann: Client) -> None:
    assert shown(ann.send("MODE #a +k one")) == ["MODE #a +k one"]
    assert ann.send("MODE #a +k one") == []
    assert shown(ann.send("MODE #a +k two")) == ["MODE #a +k two"]
    assert shown(ann.send("MODE #a -k whatever")) == ["MODE #a -k *"]
    assert shown(ann.send("MODE #a +l 007")) == ["MODE #a +l 7"]
    assert shown(ann.send("MODE #a -l")) == ["MODE #a -l"]


def test_masks_are_completed_and_listed(harness: Harness, ann: Client) -> None:
    assert shown(ann.send("MODE #a +beI bob @x.test *!u")) == [
        "MODE #a +beI bob!*@* *!*@x.test *!u@*"
    ]
    second = harness.time // 1_000_000
    assert len(ann.send("MODE #a bbb+b")) == len(ann.send("MODE #a b"))
    assert shown(ann.send("MODE #a b")) == [
        f"367 ann #a bob!*@* ann!ann@cloak.test {second}",
        "368 ann #a End of channel ban list",
    ]
    assert shown(ann.send("MODE #a +e"))[0].startswith("348 ann #a *!*@x.test ")
    assert shown(ann.send("MODE #a I"))[0].startswith("346 ann #a *!u@* ")


def test_bans_may_be_listed_by_anybody_exceptions_not(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    assert shown(bob.send("MODE #a b")) == ["368 bob #a End of channel ban list"]
    for letter in "eI":
        assert shown(bob.send(f"MODE #a {letter}")) == ["442 bob #a You're not on that channel"]


@pytest.mark.parametrize("mask", [":a b", "x" * 201, "a\x1b[m"])
def test_bad_masks_are_refused(ann: Client, mask: str) -> None:
    [answer] = ann.send(f"MODE #a +b {mask}")
    assert answer.command == "696"


def test_a_list_can_be_full() -> None:
    harness = Harness(replace(POLICY, list_entries=2))
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    assert shown(ann.send("MODE #a +bbb x y z")) == [
        "478 ann #a z!*@* b The list is full",
        "MODE #a +bb x!*@* y!*@*",
    ]
    assert shown(ann.send("MODE #a -b+b x z")) == ["MODE #a -b+b x!*@* z!*@*"]


def test_many_long_masks_are_told_in_lines_that_fit(harness: Harness, ann: Client) -> None:
    masks = [f"@{letter * 56}" for letter in "abcdefgh"]
    told = ann.send(f"MODE #a +{'b' * len(masks)} {' '.join(masks)}")
    assert len(told) == 2
    assert [mask for message in told for mask in message.params[2:]] == [
        f"*!*{mask}" for mask in masks
    ]


def test_changes_beyond_what_one_command_may_have_are_passed_over(ann: Client) -> None:
    [told] = ann.send(f"MODE #a +{'b' * 13}i {' '.join('abcdefghijklm')}")
    assert len(told.params) == 2 + 12
    assert told.params[1] == "+" + "b" * 12 + "i"


def test_all_of_a_record_applies_or_nothing(harness: Harness, ann: Client, bob: Client) -> None:
    harness.held = True
    ann.send("MODE #a +io bob")
    bob.send("PART #a")
    harness.commit(bob.session.id)
    harness.commit_all()
    ann_saw = shown(ann.take())
    assert ann_saw == ["PART #a", "441 ann bob #a They aren't on that channel"]
    assert harness.world.channels["#a"].flags == {"n", "t"}


def test_who_lost_the_right_meanwhile_is_refused(
    harness: Harness, ann: Client, bob: Client
) -> None:
    ann.send("MODE #a +h bob")
    harness.held = True
    bob.send("MODE #a +i")
    ann.send("MODE #a -h bob")
    bob.take()
    harness.commit(ann.session.id)
    harness.commit_all()
    assert shown(bob.take()) == ["MODE #a -h bob", "482 bob #a You're not a channel operator"]
