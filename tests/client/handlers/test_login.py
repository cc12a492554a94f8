"""Logging in, against a server that the test plays."""

from __future__ import annotations

from hubbub.client.credentials.credentials import Credentials
from hubbub.client.events import AccountNeeded, ConnectionRefused, Registered, TokenGiven, TokenGone
from hubbub.client.handlers import account_replies
from tests.client.desk import Desk
from tests.client.door import FAILED, SASL, Door, plain
from tests.client.harness import Peer


def test_who_has_nothing_to_prove_just_comes_in() -> None:
    assert Door(Credentials()).sent() == ["CAP END"]


def test_who_the_door_has_logged_in_is_asked_for_nothing() -> None:
    peer = Peer(SASL)
    peer.session.connected(peer.now)
    peer.sent()
    peer.receive(
        ":irc.test 900 * *!u@h ann :You are now logged in as ann", f":irc.test CAP * LS :{SASL}"
    )
    (request,) = peer.sent()
    peer.receive(f":irc.test CAP * ACK :{request.partition(':')[2]}")
    assert peer.sent() == ["CAP END"]
    assert peer.session.question is None


def test_who_has_a_code_for_a_lost_password_sets_one_and_comes_in_with_it() -> None:
    desk = Desk()
    door = Door(Credentials())
    desk.peer, desk.console.session = door, door.session
    door.sent()
    assert desk.type("/reset ann AAAA-BBBB")[0] == []
    door.answer("New password", "pw-new-one")
    door.answer("The same again", "pw-new-one")
    assert door.sent() == ["RESETPASS ann AAAA-BBBB pw-new-one"]
    door.receive(":irc.test FAIL RESETPASS INVALID_CODE :This code is not valid")
    assert door.login.reset is None
    desk.type("/reset ann CCCC-DDDD")
    door.answer("New password", "pw-new-one")
    door.answer("The same again", "pw-new-one")
    door.sent()
    door.receive(":irc.test PASSWD SUCCESS :Your password is changed")
    assert door.sent() == ["AUTHENTICATE PLAIN"]
    door.receive("AUTHENTICATE +")
    assert door.sent() == [plain("ann", "pw-new-one")]


def test_a_token_is_tried_first_and_forgotten_where_it_is_refused() -> None:
    door = Door(Credentials("ann", password="pw", token="hub_x", token_name="chat@here"))
    assert door.sent() == ["AUTHENTICATE PLAIN"]
    door.receive("AUTHENTICATE +")
    assert door.sent() == [plain("ann", "hub_x")]
    door.receive(FAILED)
    assert door.last(TokenGone) == TokenGone("ann", door.now)
    assert door.sent() == ["AUTHENTICATE PLAIN"]
    door.receive("AUTHENTICATE +")
    assert door.sent() == [plain("ann", "pw")]
    door.accept()
    assert door.sent() == ["CAP END"]


def test_the_password_is_asked_for_and_once_accepted_a_token_takes_its_place() -> None:
    door = Door(Credentials("ann", device="chat@here"))
    door.answer("Password of ann", "pw")
    assert door.sent() == ["AUTHENTICATE PLAIN"]
    door.receive("AUTHENTICATE +")
    assert door.sent() == [plain("ann", "pw")]
    door.accept()
    assert door.sent() == ["CAP END"]
    door.enter_hall()
    assert door.sent() == ["TOKEN ADD chat@here"]
    door.receive(":irc.test FAIL TOKEN IN_USE chat@here :You have a token of this name")
    assert door.sent() == ["TOKEN ADD chat@here/2"]
    door.receive(":irc.test TOKEN ADDED chat@here/2 hub_new", ":irc.test TOKEN NEXT :It stands in")
    assert door.last(TokenGiven) == TokenGiven("ann", "chat@here/2", "hub_new", door.now)
    assert "hub_new" not in str([event for event in door.events if type(event) is not TokenGiven])
    assert (door.login.credentials.password, door.login.credentials.token) == ("", "hub_new")
    door.session.disconnected(door.now)
    door.knock()
    door.receive("AUTHENTICATE +")
    assert door.sent() == ["AUTHENTICATE PLAIN", plain("ann", "hub_new")]


def test_no_token_is_asked_for_where_none_can_be_kept_or_made() -> None:
    door = Door(Credentials("ann", password="pw"))
    door.receive("AUTHENTICATE +")
    door.accept()
    door.enter_hall()
    assert not any("TOKEN" in line for line in door.sent())
    door = Door(Credentials("ann", password="pw", device="chat@here"))
    door.receive("AUTHENTICATE +")
    door.accept()
    door.enter_hall()
    events = door.receive(":irc.test 421 ann TOKEN :Unknown command")
    assert events == []


def test_a_code_is_asked_for_when_the_password_alone_will_not_do() -> None:
    door = Door(Credentials("ann", password="pw"))
    door.receive("AUTHENTICATE +")
    door.sent()
    door.receive(FAILED)
    door.answer("Code of two-factor", "123 456")
    door.receive("AUTHENTICATE +")
    assert door.sent() == ["AUTHENTICATE PLAIN", plain("ann", "pw:123456")]


def test_three_wrong_passwords_are_the_end() -> None:
    door = Door(Credentials("ann", password="wrong"))
    for left in (2, 1, 0):
        door.receive("AUTHENTICATE +", FAILED)
        door.answer("Code of two-factor", "")
        if left:
            door.answer("Password of ann", "wrong")
    assert "wrong password or code" in str(door.last(ConnectionRefused))
    assert door.session.question is None


def test_without_an_answer_one_is_told_how_to_log_in() -> None:
    door = Door(Credentials("ann"))
    door.answer("Password of ann", "")
    assert "HUBBUB_CHAT_ACCOUNT_PASSWORD" in str(door.last(ConnectionRefused))


def test_a_certificate_comes_before_everything_and_needs_no_name() -> None:
    door = Door(Credentials(certificate=True))
    door.receive("AUTHENTICATE +")
    assert door.sent() == ["AUTHENTICATE EXTERNAL", "AUTHENTICATE +"]
    door.receive(FAILED)
    assert "belongs to no account" in str(door.last(ConnectionRefused))
    door = Door(Credentials("ann", password="pw", certificate=True))
    door.receive("AUTHENTICATE +", FAILED)
    assert door.sent()[-1] == "AUTHENTICATE PLAIN"


def test_a_server_for_accounts_only_says_so_and_waits_for_the_person() -> None:
    door = Door(Credentials())
    assert door.sent() == ["CAP END"]
    door.receive(":irc.test FAIL * ACCOUNT_REQUIRED :An account is needed here")
    assert "/register" in str(door.last(AccountNeeded))
    assert door.session.waits_for_person
    assert door.session.tick(door.now + 1000) == []
    assert door.receive("ERROR :Registration timed out") == []
    door.session.disconnected(door.now)
    assert door.session.waits_for_person


def test_the_server_is_not_joined_as_a_guest_where_there_are_no_capabilities() -> None:
    peer = Peer()
    peer.session.state.login.credentials = Credentials("ann", "pw", secure=True)
    peer.session.connected(peer.now)
    peer.receive(":irc.test 001 ann :Hi", ":irc.test 376 ann :End")
    assert [type(event) for event in peer.events] == [ConnectionRefused]


def test_being_attached_to_another_nick_with_channels_that_come_unasked() -> None:
    door = Door(Credentials("ann", token="hub_x"))
    door.receive("AUTHENTICATE +")
    door.accept()
    door.receive(
        ":irc.test 001 annie :Welcome",
        ":irc.test 376 annie :End",
        ":annie!u@h JOIN #other",
        ":irc.test 332 annie #other :topic",
        ":irc.test 353 annie = #other :annie @bob",
        ":irc.test 366 annie #other :End",
    )
    assert door.session.nick == door.session.state.nick == "annie"
    assert isinstance(door.last(Registered), Registered)
    assert [room.name for room in door.session.rooms] == ["#other"]
    assert door.session.rooms[0].joined


def test_the_nick_that_other_connections_chose_meanwhile_is_left_alone() -> None:
    door = Door(Credentials("ann", token="hub_x"))
    door.receive("AUTHENTICATE +")
    door.accept()
    door.enter_hall()
    door.session.disconnected(door.now)
    door.knock()
    door.receive("AUTHENTICATE +")
    door.accept()
    door.receive(":irc.test 001 annie :Welcome", ":irc.test 376 annie :End")
    door.sent()
    door.session.tick(door.now + 20)
    assert door.sent() == []


def test_an_answer_to_a_lost_connection_is_not_sent_on_the_next() -> None:
    door = Door(Credentials("ann", token="hub_x"))
    door.receive("AUTHENTICATE +")
    door.accept()
    door.enter_hall()
    account_replies.begin_second_factor(door.session.state)
    door.receive(":irc.test TOTP KEY ABCD otpauth://totp/x")
    door.session.disconnected(door.now)
    door.answer("Code that your app shows", "123456")
    assert door.sent() == []


def test_a_suspended_account_keeps_its_token_and_is_told_why() -> None:
    door = Door(Credentials("ann", token="hub_x"))
    door.receive("AUTHENTICATE +")
    door.receive(":irc.test NOTICE ann :This account is suspended: spam", FAILED)
    assert "This account is suspended: spam" in str(door.last(ConnectionRefused))
    assert not any(isinstance(event, TokenGone) for event in door.events)
    assert door.session.question is None


def test_being_logged_in_is_told_once_whichever_message_says_so_first() -> None:
    desk = Desk()
    desk.peer.receive(
        ":ann!ann@host ACCOUNT ann",
        ":irc.test 900 ann ann!ann@host ann :You are now logged in as ann",
    )
    told = [event for event in desk.peer.events if "you are logged in as ann" in str(event)]
    assert len(told) == 1
