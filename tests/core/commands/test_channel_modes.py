"""What the modes of a channel keep people from, and who may set them."""

from __future__ import annotations

import pytest

from hubbub.core.records.messages import Said
from tests.core.world_harness import START, Client, Harness, shown

REFUSED = "404 bob #a Cannot send to channel"


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return the operator of #a."""
    ann = harness.connect("ann", "message-tags")
    ann.send("JOIN #a")
    return ann


def member(harness: Harness, nick: str, *modes: str, account: str = "") -> Client:
    """Return another member of #a, and let ann set these modes after that."""
    client = harness.connect_as(nick, account, "message-tags", "draft/multiline", "batch")
    client.send("JOIN #a")
    for mode in modes:
        next(iter(harness.clients.values())).send(f"MODE #a {mode}")
    client.take()
    return client


# Accounts


def test_joining_may_need_an_account(harness: Harness, ann: Client) -> None:
    ann.send("MODE #a +R")
    bob = harness.connect("bob")
    assert shown(bob.send("JOIN #a")) == ["477 bob #a You need to be logged in"]
    ann.send("INVITE bob #a")
    bob.take()
    assert shown(bob.send("JOIN #a"))[0] == "JOIN #a"
    cy = harness.connect_as("cy", "cy")
    assert shown(cy.send("JOIN #a"))[0] == "JOIN #a"


def test_speaking_may_need_an_account(harness: Harness, ann: Client) -> None:
    cy, bob = member(harness, "cy", account="cy"), member(harness, "bob", "+M")
    cy.take()
    assert shown(bob.send("PRIVMSG #a :hello")) == [REFUSED]
    assert cy.send("PRIVMSG #a :hello") == []
    ann.send("MODE #a +v bob")
    bob.take()
    assert bob.send("PRIVMSG #a :hello") == []


# What is said


@pytest.mark.parametrize("text", ["\x01PING 1\x01", "\x01VERSION\x01", "\x01ACTIONS\x01"])
def test_no_ctcp(harness: Harness, ann: Client, text: str) -> None:
    bob = member(harness, "bob", "+C")
    assert shown(bob.send(f"PRIVMSG #a :{text}")) == [REFUSED]
    assert bob.send(f"NOTICE #a :{text}") == []
    bob.send("BATCH +r draft/multiline #a")
    bob.send("@batch=r PRIVMSG #a :hello")
    bob.send(f"@batch=r PRIVMSG #a :{text}")
    assert shown(bob.send("BATCH -r")) == [REFUSED]
    ann.take()
    assert bob.send("PRIVMSG #a :\x01ACTION waves\x01") == []
    assert len(ann.take()) == 1


def test_no_notices(harness: Harness, ann: Client) -> None:
    bob = member(harness, "bob", "+T")
    ann.take()
    assert bob.send("NOTICE #a :hello") == ann.take() == []
    bob.send("PRIVMSG #a :hello")
    assert len(ann.take()) == 1
    ann.send("NOTICE #a :hello")
    assert len(bob.take()) == 1


def test_what_was_a_notice_before_it_was_forbidden_is_heard_by_nobody(
    harness: Harness, ann: Client
) -> None:
    bob = member(harness, "bob")
    harness.held = True
    bob.send("NOTICE #a :hello")
    ann.send("MODE #a +T")
    harness.commit(ann.session.id)
    ann.take()
    harness.commit_all()
    assert ann.take() == []


def test_what_is_for_operators(harness: Harness, ann: Client) -> None:
    bob, cy, dot = member(harness, "bob", "+U"), member(harness, "cy"), member(harness, "dot")
    ann.send("MODE #a +h dot")
    ann.take(), cy.take(), dot.take(), bob.take()
    bob.send("PRIVMSG #a :hello")
    bob.send("@+typing=active TAGMSG #a")
    assert shown(ann.take()) == ["PRIVMSG #a hello", "TAGMSG #a"]
    assert cy.take() == []
    assert shown(dot.take()) == ["PRIVMSG #a hello", "TAGMSG #a"]
    [kept] = harness.records(Said)
    assert isinstance(kept, Said)
    assert kept.histories == ()
    dot.send("PRIVMSG #a :all of you")
    assert len(cy.take()) == 1


def test_what_was_for_all_before_it_was_for_operators_is_refused(
    harness: Harness, ann: Client
) -> None:
    bob, cy = member(harness, "bob"), member(harness, "cy")
    harness.held = True
    bob.send("PRIVMSG #a :hello")
    ann.send("MODE #a +U")
    harness.commit(ann.session.id)
    bob.take(), cy.take()
    harness.commit_all()
    assert (shown(bob.take()), cy.take()) == ([REFUSED], [])


def test_how_fast_a_member_may_speak(harness: Harness, ann: Client) -> None:
    bob = member(harness, "bob", "+d 3:60")
    assert bob.send("PRIVMSG #a :1") == bob.send("PRIVMSG #a :2") == []
    bob.send("BATCH +r draft/multiline #a")
    bob.send("@batch=r PRIVMSG #a :3")
    bob.send("@batch=r PRIVMSG #a :4")
    assert shown(bob.send("BATCH -r")) == [REFUSED]
    assert bob.send("PRIVMSG #a :3") == []
    assert shown(bob.send("PRIVMSG #a :4")) == [REFUSED]
    harness.time += 21_000_000
    assert bob.send("PRIVMSG #a :4") == []
    assert shown(bob.send("PRIVMSG #a :5")) == [REFUSED]
    for rate in ("5:60", "5:30"):
        ann.send(f"MODE #a +d {rate}")
        bob.take()
        assert [bob.send(f"PRIVMSG #a :{number}") for number in range(5)] == [[]] * 5
        assert shown(bob.send("PRIVMSG #a :6")) == [REFUSED]
    ann.take()
    assert [ann.send(f"PRIVMSG #a :{number}") for number in range(9)] == [[]] * 9
    ann.send("MODE #a -d")
    bob.take()
    assert [bob.send(f"PRIVMSG #a :{number}") for number in range(9)] == [[]] * 9


# How fast people come


def test_how_fast_people_may_join(harness: Harness, ann: Client) -> None:
    ann.send("MODE #a +j 2:60")
    told = [harness.connect(nick).send("JOIN #a") for nick in ("bob", "cy", "dot")]
    assert [shown(messages)[0] for messages in told] == [
        "JOIN #a",
        "JOIN #a",
        "480 dot #a Cannot join channel (+j); try again later",
    ]
    dot = harness.clients[max(harness.clients)]
    ann.send("INVITE dot #a")
    dot.take()
    assert shown(dot.send("JOIN #a"))[0] == "JOIN #a"
    harness.time = START + 62_000_000
    assert shown(harness.connect("eve").send("JOIN #a"))[0] == "JOIN #a"


def test_who_comes_too_fast_in_a_race_is_refused(harness: Harness, ann: Client) -> None:
    ann.send("MODE #a +j 1:60")
    bob, cy = harness.connect("bob"), harness.connect("cy")
    harness.held = True
    bob.send("JOIN #a"), cy.send("JOIN #a")
    harness.commit_all()
    assert shown(bob.take())[0] == "JOIN #a"
    assert shown(cy.take()) == ["480 cy #a Cannot join channel (+j); try again later"]


# Where to go instead


@pytest.mark.parametrize("mode", ["+i", "+b bob", "+R", "+l 1", "+j 1:3600"])
def test_who_may_not_join_is_taken_elsewhere(harness: Harness, ann: Client, mode: str) -> None:
    ann.send("JOIN #b")
    ann.send(f"MODE #a +f{mode[1:2]} #b{mode[2:]}")
    if "j" in mode:
        harness.connect("cy").send("JOIN #a")
    bob = harness.connect("bob")
    told = shown(bob.send("JOIN #a"))
    assert told[:2] == ["470 bob #a #b Forwarding to another channel", "JOIN #b"]
    assert shown(bob.send("JOIN #a"))[0][:3] in ("471", "473", "474", "477", "480")


def test_a_wrong_key_forwards_nobody(harness: Harness, ann: Client) -> None:
    ann.send("JOIN #b")
    ann.send("MODE #a +fk #b key")
    bob = harness.connect("bob")
    assert shown(bob.send("JOIN #a")) == ["475 bob #a Cannot join channel (+k)"]


def test_nobody_is_forwarded_to_where_the_way_is_barred(harness: Harness, ann: Client) -> None:
    ann.send("JOIN #b")
    ann.send("MODE #a +fi #b")
    ann.send("MODE #b +i")
    bob = harness.connect("bob")
    assert shown(bob.send("JOIN #a")) == ["473 bob #a Cannot join channel (+i)"]
    ann.send("PART #b")
    assert shown(bob.send("JOIN #a")) == ["473 bob #a Cannot join channel (+i)"]


def test_only_to_where_one_rules(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    bob.send("JOIN #bobs")
    assert shown(ann.send("MODE #a +f #bobs")) == ["482 ann #bobs You're not a channel operator"]
    ann.send("JOIN #bobs")
    assert shown(ann.send("MODE #a +f #bobs")) == ["482 ann #bobs You're not a channel operator"]
    assert shown(ann.send("MODE #a +f #none")) == ["696 ann #a f #none There is no such channel"]
    bob.send("MODE #bobs +s")
    ann.send("PART #bobs")
    assert shown(ann.send("MODE #a +f #bobs")) == ["696 ann #a f #bobs There is no such channel"]


def test_where_it_leads_is_shown_to_members_only(harness: Harness, ann: Client) -> None:
    ann.send("JOIN #b")
    ann.send("MODE #a +fjd #b 5:10 3:4")
    assert shown(ann.send("MODE #a"))[0] == "324 ann #a +ntfjd #b 5:10 3:4"
    assert shown(harness.connect("bob").send("MODE #a"))[0] == "324 bob #a +ntfjd * 5:10 3:4"
    assert shown(ann.send("MODE #a -fjd")) == ["MODE #a -fjd"]
    assert ann.send("MODE #a -fjd") == []


@pytest.mark.parametrize("letter", "jd")
@pytest.mark.parametrize("rate", ["", "5", "0:1", "x:y", "5:99999"])
def test_bad_rates_are_refused(ann: Client, letter: str, rate: str) -> None:
    assert shown(ann.send(f"MODE #a +{letter} {rate}"))[0].startswith(f"696 ann #a {letter} ")


# Who is above whom

STATUSES = ["", "v", "h", "o", "a", "q"]


@pytest.mark.parametrize("mine", STATUSES)
@pytest.mark.parametrize("theirs", STATUSES)
def test_who_may_kick_whom(harness: Harness, ann: Client, mine: str, theirs: str) -> None:
    ann.send("OPER root secret")
    bob, cy = member(harness, "bob"), member(harness, "cy")
    ann.send(f"MODE #a +{mine} bob" if mine else "AWAY")
    ann.send(f"MODE #a +{theirs} cy" if theirs else "AWAY")
    bob.take()
    may = {"h": "vh", "o": "vho", "a": "vho", "q": "vhoaq"}.get(mine)
    told = shown(bob.send("KICK #a cy"))
    if may is not None and theirs in may:
        assert told == ["KICK #a cy bob"]
        assert cy.user not in harness.world.channels["#a"].members
    else:
        assert told == ["482 bob #a You're not a channel operator"]


@pytest.mark.parametrize("mine", STATUSES)
@pytest.mark.parametrize("given", STATUSES[1:])
def test_who_may_give_what(harness: Harness, ann: Client, mine: str, given: str) -> None:
    ann.send("OPER root secret")
    bob = member(harness, "bob")
    member(harness, "cy")
    ann.send(f"MODE #a +{mine} bob" if mine else "AWAY")
    bob.take()
    may = {"h": "v", "o": "vho", "a": "vho", "q": "vhoaq"}.get(mine, "")
    told = shown(bob.send(f"MODE #a +{given} cy"))
    granted = [f"MODE #a +{given} cy"]
    assert told == (granted if given in may else ["482 bob #a You're not a channel operator"])


def test_the_prefixes(harness: Harness, ann: Client) -> None:
    ann.send("OPER root secret")
    cy = member(harness, "cy")
    ann.send("MODE #a +aqv cy cy cy")
    assert "~cy" in shown(ann.send("NAMES #a"))[0]
    harness.connect("bob", "multi-prefix").send("JOIN #a")
    bob = harness.clients[max(harness.clients)]
    assert "~&+cy" in shown(bob.send("NAMES #a"))[0]
    cy.take(), ann.take(), bob.take()
    ann.send("PRIVMSG ~#a :for founders")
    assert shown(cy.take()) == ["PRIVMSG ~#a for founders"]
    assert bob.take() == []
