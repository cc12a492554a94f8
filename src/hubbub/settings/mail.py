"""How e-mails leave: what is missing or unsafe is refused."""

from hubbub.settings.error import SettingsError
from hubbub.settings.model import Settings

_PASSWORD = ("mail.password_file", "it, or HUBBUB_MAIL__PASSWORD in the environment or in .env")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def refuse_unusable_mail(settings: Settings) -> None:
    """Refuse a [mail] that lacks something, or would show its password. Raise SettingsError."""
    mail = settings.mail
    _refuse_incomplete(settings)
    if (mail.password is None) != (not mail.user):
        missing, kind = ("mail.user", "a user") if mail.password is not None else _PASSWORD
        raise SettingsError(f"{missing} is missing: set {kind}, or neither user nor password")
    if mail.user and mail.security == "none" and mail.host not in _LOOPBACK:
        raise SettingsError(
            "mail.security is none, so the password for the mail server would travel unencrypted; "
            'set mail.security = "starttls" or "tls"'
        )


def _refuse_incomplete(settings: Settings) -> None:
    mail, wanted = settings.mail, settings.accounts.email
    if wanted != "off" and not mail.host:
        raise SettingsError(
            f'accounts.email is "{wanted}", but there is no way to send e-mail; set mail.host and '
            'mail.sender, or accounts.email = "off"'
        )
    if mail.host and not mail.sender:
        raise SettingsError("mail.sender is missing; set the address that e-mails come from")
