"""Each lesson is given once, and belongs to something that is shown."""

from __future__ import annotations

from hubbub.wire.decoding.ssh import names as ssh_names
from hubbub.wire.decoding.tls import names as tls_names
from hubbub.wire.seen import OnLayer
from hubbub.wire.showing.lessons import LESSONS, Lessons


def test_each_is_given_once() -> None:
    lessons = Lessons()
    assert lessons.next("tls ClientHello").startswith("The client begins")
    assert lessons.next("tls ClientHello") == ""
    assert lessons.next("tls nothing") == ""


def test_each_explains_something_there_is() -> None:
    messages = {f"tls {tls_names.message_name(number)}" for number in range(30)}
    messages |= {f"ssh {ssh_names.message_name(number)}" for number in range(120)}
    others = {subject for subject in LESSONS if subject.startswith(("tls ", "ssh "))} - messages
    assert others == {
        *("tls record", "tls ready", "tls alert", "tls HelloRetryRequest"),
        *("ssh version", "ssh line before the version", "ssh chosen", "ssh key exchange"),
        # What answers to a method of login has no name of its own.
        *("ssh USERAUTH_PK_OK", "ssh USERAUTH_INFO_REQUEST"),
    }
    assert {subject.partition(" ")[0] for subject in LESSONS} <= set(OnLayer)
