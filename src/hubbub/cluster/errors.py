"""What keeps a node out of its cluster, in words for its operator."""

from __future__ import annotations


class ClusterError(Exception):
    """Say why a node cannot come into its cluster or take part in it, and what to do.

    The operator sees the sentence on standard error, and exit code 2.
    """


class PeerUnreachable(ClusterError):
    """Say that another member was not reached, or broke off; it is worth another try.

    The operator sees the sentence, and exit code 75.
    """
