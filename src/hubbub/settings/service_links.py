"""Variables that others set for a program of this name, and that are no settings.

Kubernetes tells every container of a namespace where its Services are. For one that is named
`hubbub`, or `hubbub-ssh`, these variables begin like settings: HUBBUB_PORT=tcp://10.0.0.1:6697,
HUBBUB_SSH_SERVICE_HOST=10.0.0.2. (`enableServiceLinks: false` switches it off.)
"""

import re
from typing import Final

_ADDRESS: Final = r"[0-9A-Fa-f.:]+"
_URL: Final = r"(?:tcp|udp|sctp)://.+"
_NUMBER: Final = r"[0-9]+"
_LINKS: Final = tuple(
    (re.compile(name), re.compile(value))
    for name, value in (
        (r".*_SERVICE_HOST", _ADDRESS),
        (r".*_SERVICE_PORT(_[A-Z0-9_]+)?", _NUMBER),
        (r".*_PORT", _URL),
        (r".*_PORT_[0-9]+_(TCP|UDP|SCTP)", _URL),
        (r".*_PORT_[0-9]+_(TCP|UDP|SCTP)_PROTO", r"tcp|udp|sctp"),
        (r".*_PORT_[0-9]+_(TCP|UDP|SCTP)_PORT", _NUMBER),
        (r".*_PORT_[0-9]+_(TCP|UDP|SCTP)_ADDR", _ADDRESS),
    )
)


def is_service_link(name: str, value: str) -> bool:
    """Tell whether a variable says where a Service is: by its name and by its value.

    HUBBUB_PORT=7000 is none: somebody meant PORT.
    """
    return any(link.fullmatch(name) and says.fullmatch(value) for link, says in _LINKS)
