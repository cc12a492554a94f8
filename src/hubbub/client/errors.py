"""What goes wrong between a person and a server, each in a sentence for that person.

ClientError
 +-- UsageError                        what was asked for when it was started cannot be done
 |    +-- AddressError                 that is no URL of a server
 +-- PreferenceError                   /set was given a name or a value that there is not
 +-- LinkError                         a connection was lost
 |    +-- CannotConnect                none came to be: nobody there, no TLS, or too slow
 |    +-- CertificateRefused           none may be: nobody knows who is at its other end
 |         +-- ChangedCertificate      it is known by another certificate
 |         +-- UnexpectedCertificate   it is not the one that was asked for
 +-- NotLetIn                          the server lets nobody in like that
 +-- ExchangeError                     an account cannot be proved

What a server says has gone wrong is no exception: hubbub.client.error_words has words for that.
"""

from __future__ import annotations

from hubbub.client.network.trust import display


class ClientError(Exception):
    """Stand for all that goes wrong on a person's side; it is never raised itself.

    The text of each is for the person to read: what is wrong, and what to do.
    """


class UsageError(ClientError):
    """Say what is wrong with what was asked for, before a server hears anything of it.

    The person sees the sentence on standard error, and exit code 2: from `hubbub chat`, and from
    a command behind `ssh`.
    """


class AddressError(UsageError):
    """Say what is wrong with a URL.

    The person sees what is wrong and what a URL looks like, and exit code 2.
    """


class PreferenceError(ClientError):
    """Say that there is no such preference, or no such value of it.

    The person sees which ones there are, as an answer to /set; in a file of an earlier or later
    version it is passed over.
    """


class LinkError(ClientError):
    """Say why a connection ended that was not closed in order.

    The person sees the reason in the conversation's status, while the next connection is tried.
    """


class CannotConnect(LinkError):
    """Say why no connection could be made.

    The person sees the reason and exit code 3 at the start; later, when a connection was lost, the
    reason and that it is tried again.
    """


class CertificateRefused(LinkError):
    """Stand for a server's certificate that is not trusted; nothing has been sent by then.

    The person sees both fingerprints and what to do, and exit code 4.
    """


class ChangedCertificate(CertificateRefused):
    """Say that a server shows another certificate than the one remembered.

    The person sees a warning as SSH gives, both fingerprints, and which line of which file to
    remove if the server's operator confirms the new one; exit code 4.
    """

    def __init__(self, server: str, known: str, shown: str, place: str) -> None:
        rule = "@" * 64
        super().__init__(
            f"{rule}\n"
            f"THE CERTIFICATE OF {server} HAS CHANGED\n"
            f"{rule}\n"
            "Either its operator has made a new one, or somebody stands between you and the\n"
            "server and would read everything you say. Nothing was sent.\n"
            f"  remembered: {display(known)}\n"
            f"  shown now:  {display(shown)}\n"
            "Ask the operator for the fingerprint, by another way than this. If it is the one\n"
            f"shown now, remove the line of {server} from\n"
            f"  {place}\n"
            "and connect again, or say: --fingerprint FINGERPRINT"
        )


class UnexpectedCertificate(CertificateRefused):
    """Say that a server shows another certificate than the one asked for with --fingerprint.

    The person sees both fingerprints, and exit code 4.
    """

    def __init__(self, server: str, expected: str, shown: str) -> None:
        super().__init__(
            f"{server} does not have the certificate that was asked for; nothing was sent.\n"
            f"  asked for:  {display(expected)}\n"
            f"  shown now:  {display(shown)}"
        )


class NotLetIn(ClientError):
    """Say why the server let nobody in at the start: the nick, the password, a ban.

    The person sees the server's reason, and exit code 5.
    """


class ExchangeError(ClientError):
    """Say why an account cannot be proved to this server, or the server not to us (SASL).

    The person sees the reason, and goes on as a guest where the server lets guests in.
    """
