"""The one error of the settings."""


class SettingsError(Exception):
    """Tell the operator which setting stops the server and how to mend it.

    The text is one line, without a traceback's help, ready for standard error. The command ends
    with exit code 2.
    """
