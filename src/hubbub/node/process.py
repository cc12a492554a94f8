"""What a node asks of the process that it lives in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hubbub.core.requests import Reread, SendMail


@dataclass(frozen=True, slots=True)
class Process:
    """Do for a node what reaches beyond it: its settings, the mail server, its own end.

    `broken` is called once, with the reason, when the journal can no longer be trusted; the node
    has to stop then. `reload` reads the settings again and tells what came of it, `mail` sends an
    e-mail, `drain` ends the node within so many seconds and tells what is to come.
    """

    broken: Callable[[str], None]
    reload: Callable[[], Reread]
    mail: Callable[[SendMail], None]
    drain: Callable[[int | None], str]
