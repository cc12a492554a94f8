"""How e-mails leave: what is missing or unsafe is refused, and the password is read."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import SecretStr

from hubbub.settings.error import SettingsError
from hubbub.settings.model import Settings
from hubbub.settings.sources import Source

_PASSWORD_BYTES = 1024
_PASSWORD = ("mail.password_file", "it, or HUBBUB_MAIL__PASSWORD in the environment or in .env")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def with_mail_password(settings: Settings, sources: Sequence[Source]) -> Settings:
    """Return settings whose [mail] has the password that its file holds. Raises SettingsError."""
    mail = settings.mail
    _refuse_incomplete(settings)
    if mail.password is not None:
        _refuse_exposed(sources)
    elif mail.password_file is not None:
        mail = mail.model_copy(update={"password": SecretStr(_read(mail.password_file))})
    if (mail.password is None) != (not mail.user):
        missing, kind = ("mail.user", "a user") if mail.password is not None else _PASSWORD
        raise SettingsError(f"{missing} is missing: set {kind}, or neither user nor password")
    if mail.user and mail.security == "none" and mail.host not in _LOOPBACK:
        raise SettingsError(
            "mail.security is none, so the password for the mail server would travel unencrypted; "
            'set mail.security = "starttls" or "tls"'
        )
    return settings.model_copy(update={"mail": mail})


def _refuse_incomplete(settings: Settings) -> None:
    mail, wanted = settings.mail, settings.accounts.email
    if wanted != "off" and not mail.host:
        raise SettingsError(
            f'accounts.email is "{wanted}", but there is no way to send e-mail; set mail.host and '
            'mail.sender, or accounts.email = "off"'
        )
    if mail.host and not mail.sender:
        raise SettingsError("mail.sender is missing; set the address that e-mails come from")
    if mail.password is not None and mail.password_file is not None:
        raise SettingsError("mail.password and mail.password_file are both set; remove one of them")


def _refuse_exposed(sources: Sequence[Source]) -> None:
    for source in sources:
        if not source.variables and source.holds(("mail", "password")):
            raise SettingsError(
                f"{source.where}: mail.password is a secret, which this file would show to whoever "
                "may read it; set HUBBUB_MAIL__PASSWORD in the environment, or mail.password_file"
            )


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            password = file.read(_PASSWORD_BYTES + 1).decode().strip()
    except UnicodeDecodeError:
        raise SettingsError(f"mail.password_file {path} is not UTF-8 text") from None
    except OSError as error:
        reason = error.strerror or error
        raise SettingsError(f"mail.password_file {path} cannot be read: {reason}") from None
    if not password or len(password) > _PASSWORD_BYTES:
        raise SettingsError(f"mail.password_file {path} has to hold one password, and nothing else")
    return password
