"""The errors of the settings."""


class SettingsError(Exception):
    """Tell the operator which setting stops the server and how to mend it.

    The text is one line, without a traceback's help, ready for standard error. The command ends
    with exit code 2.
    """


class NotNow(SettingsError):
    """Tell the operator what keeps the server from starting for now: it can be tried again.

    Such as a full disk, or a port that another program has. The command ends with exit code 75
    (EX_TEMPFAIL of sysexits.h), which the documented service retries.
    """
