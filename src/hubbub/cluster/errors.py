"""What keeps a node out of its cluster, and what the log's servers answer.

ClusterError           a node cannot come into its cluster, or take part in it, as things are
 +-- PeerUnreachable   another member was not reached, or broke off; it is worth another try
 +-- TokenRefused      a token is not good, or not any more
 +-- StreamError       the servers of the log refuse something, by their code
"""

from __future__ import annotations


class ClusterError(Exception):
    """Say why a node cannot come into its cluster or take part in it, and what to do.

    The operator sees the sentence on standard error, and exit code 2.
    """


class PeerUnreachable(ClusterError):
    """Say that another member was not reached, or broke off; it is worth another try.

    The operator sees the sentence, and exit code 75.
    """


class TokenRefused(ClusterError):
    """Say that a token is not good, or not any more: which of these is told to nobody outside.

    Who joins sees the sentence, and exit code 2; the member's log tells that one was refused.
    """


class StreamError(ClusterError):
    """Say what the servers of the log answer, by its code.

    It is asked again, or becomes an error of the journal; the log tells of what lasts.
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{text} ({code})")
        self.code, self.text = code, text
