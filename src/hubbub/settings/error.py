"""What keeps a server from starting, each in a sentence for its operator.

SettingsError   a setting, or what it names, cannot be used: the operator has to change something
 +-- NotNow     it can be, only not now: try again later
"""

from typing import ClassVar


class SettingsError(Exception):
    """Tell the operator which setting stops the server and how to mend it.

    The operator sees one line on standard error, without a traceback, and exit code 2. After SIGHUP
    or REHASH it stands in the log and in the answer, and what was in force stays so.
    """

    exit_code: ClassVar = 2


class NotNow(SettingsError):
    """Tell the operator what keeps the server from starting for now: it can be tried again.

    Such as a full disk, or a port that another program has. The operator sees one line on standard
    error, and exit code 75 (EX_TEMPFAIL of sysexits.h), which the documented service retries.
    """

    exit_code: ClassVar = 75
