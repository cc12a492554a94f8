"""What STATUS tells of the files and the machine under a node, and what of that needs a look."""

from __future__ import annotations

import platform
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hubbub import CODE, __version__
from hubbub.commit import shown
from hubbub.core.rules import RULES
from hubbub.journal.database.migrations import STEPS
from hubbub.node.mailer import Mailer
from hubbub.node.monitoring.metrics import Measured
from hubbub.node.monitoring.troubles import Troubles
from hubbub.server.certificate import ServedCertificate
from hubbub.server.checks.backup import check_backup
from hubbub.server.checks.descriptors import none_left
from hubbub.server.checks.disk import check_disk
from hubbub.server.checks.finding import Finding, Level, amount, by_subject, ok, warning

_TRY_MAIL: Final = "look at [mail] and the mail server; `hubbub mail test ADDRESS` tries them"


class Vitals:
    """Look at what no part of a node looks at: disk, certificate, backup, mail, what was refused.

    `refused` says what was refused when the settings were last read, and stays in force.
    """

    def __init__(
        self,
        directory: Path,
        journal: Measured,
        certificate: ServedCertificate,
        mailer: Mailer,
        refused: Callable[[], str],
    ) -> None:
        """Be ready to be asked about the server of a data directory."""
        self._directory = directory
        self._journal = journal
        self._certificate = certificate
        self._mailer = mailer
        self._refused = refused
        self._versions = versions()

    def be_asked(self, troubles: Troubles) -> None:
        """Have what is wrong told in the log and in STATUS, and what is well in STATUS."""
        troubles.ask(lambda: by_subject(each for each in self._found() if each.level > Level.OK))
        troubles.mention(lambda: by_subject(self._found()))

    def _found(self) -> list[Finding]:
        now = datetime.now(UTC).timestamp()
        found = [
            ok("versions", self._versions),
            self._of_the_journal(),
            check_disk(self._directory),
            *self._certificate.findings(now),
        ]
        if (shortage := none_left()) is not None:
            found.append(shortage)
        if (backup := check_backup(self._directory, now)) is not None:
            found.append(backup)
        if self._mailer.route is not None:
            found.append(self._of_mail())
        if refused := self._refused():
            found.append(warning("refused", refused, "then `hubbub reload`"))
        return found

    def _of_the_journal(self) -> Finding:
        """Return its size; where it takes nothing it says so itself, in words of its own."""
        figures = self._journal.figures()
        sizes = f"{amount(figures.size)} and {amount(figures.log_size)} new"
        behind = f"; {figures.unindexed} not in the index of words" if figures.unindexed else ""
        return ok("journal", f"writable, {sizes}{behind}")

    def _of_mail(self) -> Finding:
        if failure := self._mailer.failure:
            return warning("mail", f"the last e-mail was not sent: {failure}", _TRY_MAIL)
        return ok("mail", f"no failure; {self._mailer.waiting} under way")


def versions() -> str:
    """Return which program this is, by which rules, how its database is laid out, what runs it."""
    python = f"{CODE}, Python {platform.python_version()}"
    return f"{shown(__version__)}, rules {RULES}, schema {len(STEPS)}, {python}"
