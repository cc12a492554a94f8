"""How e-mails leave: what is missing or unsafe is refused."""

from __future__ import annotations

import pytest

from tests.settings.place import Place

MAIL = '[mail]\nhost = "mail.example.org"\nsender = "chat@example.org"\n'


def test_email_needs_a_mail_server(place: Place) -> None:
    place.toml('[accounts]\nemail = "required"\n')
    assert place.refusal() == (
        'accounts.email is "required", but there is no way to send e-mail; set mail.host and '
        'mail.sender, or accounts.email = "off"'
    )
    place.toml(f'{MAIL}[accounts]\nemail = "required"\n')
    mail = place.load().mail
    assert (mail.host, mail.port, mail.security) == ("mail.example.org", 587, "starttls")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[mail]\nhost = "mail.example.org"\n', "mail.sender is missing"),
        (f'{MAIL}user = "hub"\n', "mail.password_file is missing"),
        (f'{MAIL}password = "secret"\n', "mail.password is a secret"),
        (f'{MAIL}password_file = "nowhere"\n', "cannot be read"),
        (f'{MAIL}security = "plain"\n', 'mail.security must be "starttls", "tls" or "none"'),
        ('[mail]\nsender = "chat@example.org\\nBcc: x@y.org"\n', "must be an e-mail address"),
        ('[mail]\nhost = "two words"\n', "must be a host name"),
    ],
)
def test_what_is_missing_or_unsafe_is_refused(place: Place, text: str, said: str) -> None:
    place.toml(text)
    refusal = place.refusal()
    assert said in refusal
    assert 'secret"' not in refusal


def test_the_mail_password_comes_from_a_file_or_the_environment(place: Place) -> None:
    place.toml(f'{MAIL}user = "hub"\npassword_file = "mail.password"\n')
    (place.path / "mail.password").write_text("hunter2\n")
    mail = place.load().mail
    assert mail.password is not None
    assert mail.password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(mail)
    both = place.refusal({"HUBBUB_MAIL__PASSWORD": "hunter3"})
    assert "both set" in both
    place.toml(f'{MAIL}user = "hub"\n')
    mail = place.load({"HUBBUB_MAIL__PASSWORD": "hunter3"}).mail
    assert mail.password is not None
    assert mail.password.get_secret_value() == "hunter3"
    place.toml(f'{MAIL}user = "hub"\nsecurity = "none"\n')
    refusal = place.refusal({"HUBBUB_MAIL__PASSWORD": "hunter3"})
    assert "unencrypted" in refusal
    assert "hunter3" not in refusal


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_password_may_go_unencrypted_where_it_does_not_leave_the_machine(
    place: Place, host: str
) -> None:
    place.toml(f'{MAIL.replace("mail.example.org", host)}user = "hub"\nsecurity = "none"\n')
    assert place.load({"HUBBUB_MAIL__PASSWORD": "x"}).mail.security == "none"


def test_a_password_without_a_user_is_one_for_nobody(place: Place) -> None:
    place.toml(MAIL)
    assert "mail.user is missing" in place.refusal({"HUBBUB_MAIL__PASSWORD": "x"})
