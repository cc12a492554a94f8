"""How e-mails leave, and whether the mail server is there."""

from __future__ import annotations

import socket
from typing import Final

from hubbub.server.checks.finding import Finding, ok, warning
from hubbub.settings import Settings

SECONDS: Final = 5.0
_SUBJECT: Final = "mail"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def check_mail(settings: Settings) -> list[Finding]:
    """Look at the settings; what contradicts itself is refused where they are read."""
    mail = settings.mail
    if not mail.host:
        return [ok(_SUBJECT, "no e-mail is sent")]
    if mail.security == "none" and mail.host not in _LOOPBACK:
        what = f"codes travel to {mail.host} unencrypted"
        return [warning(_SUBJECT, what, 'set mail.security = "starttls" or "tls"')]
    whom = f" as {mail.user}" if mail.user else ""
    return [ok(_SUBJECT, f"by {mail.host}:{mail.port} ({mail.security}){whom}")]


def check_mail_server(settings: Settings) -> list[Finding]:
    """Connect to the mail server, where there is one to be; nothing is sent."""
    mail = settings.mail
    if not mail.host:
        return []
    place = f"{mail.host}:{mail.port}"
    try:
        with socket.create_connection((mail.host, mail.port), SECONDS):
            return [ok(_SUBJECT, f"{place} can be reached; `hubbub mail test` tries all of it")]
    except OSError as failed:
        what = f"{place} cannot be reached: {failed.strerror or failed}"
        mend = "look at mail.host and mail.port, and at the firewall: clouds block port 25"
        return [warning(_SUBJECT, what, mend)]
