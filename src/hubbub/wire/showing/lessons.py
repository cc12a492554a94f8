"""What each step is for, in plain words; each is told once, when it comes for the first time."""

from __future__ import annotations

from typing import Final


class Lessons:
    """Give each lesson out once."""

    def __init__(self) -> None:
        """Begin with none given."""
        self._given: set[str] = set()

    def next(self, subject: str) -> str:
        """Return the lesson on a subject, "" where it was given or there is none."""
        if subject in self._given or subject not in LESSONS:
            return ""
        self._given.add(subject)
        return LESSONS[subject]


LESSONS: Final = {
    "tcp looked up": (
        "People use names, TCP uses addresses. The name service (DNS, or a file on this machine) "
        "says which belong to a name; of several the first that answers is taken."
    ),
    "hubbub own key": (
        "Nobody can sit between a client and a server unseen: the client would be shown another "
        "certificate or host key than the server's. That is what happens here, and why your "
        "client warns. Tell it to trust this one for once, and only because it is you who sits "
        "between."
    ),
    "tcp connected": (
        "TCP makes one stream of bytes each way out of packets that may be lost, doubled or come "
        "in another order. To connect, three packets go to and fro (SYN, SYN with ACK, ACK); from "
        "then on an address and a port at each end name the connection. The port of this end was "
        "picked by the system."
    ),
    "tcp bytes": (
        "TCP keeps bytes in order, and nothing else: where one write ended and the next began is "
        "lost, so what comes at once may be half a message or three. Whoever needs messages has "
        "to mark their ends, which each layer above does in its own way. All of it can be read by "
        "everybody on the way unless a layer above enciphers it."
    ),
    "tcp ended": (
        "Each side ends its own direction (FIN). No more comes from there; what was under way has "
        "come."
    ),
    "tls record": (
        "TLS puts everything into records: a type, a version and a length, which everybody on the "
        "way can read, then up to 16 KiB. Once there are keys the body is enciphered and the type "
        "always says application data, so that a listener sees lengths and times and nothing "
        "else. The version field has told the same old version for years, as boxes on the way "
        "would drop anything newer."
    ),
    "tls ClientHello": (
        "The client begins: which versions and ciphers it can do, the best first, a random "
        "number, and in key_share its half of a Diffie-Hellman exchange, made in the hope that "
        "the server takes that group. server_name says in the clear which host is meant, as one "
        "address can serve many."
    ),
    "tls ServerHello": (
        "The server chooses: one version, one cipher, and its own half of the key exchange. From "
        "both halves each side reckons the same secret, which never went over the line; who only "
        "listened cannot. With TLS 1.3 everything from here on is enciphered."
    ),
    "tls HelloRetryRequest": (
        "The server can do none of the groups for which the client sent a half: it names one, and "
        "the client begins again."
    ),
    "tls EncryptedExtensions": (
        "What the server answers to the client's other extensions: enciphered already, for it "
        "does not concern the key exchange."
    ),
    "tls Certificate": (
        "The server says who it is: a public key with names, signed by an authority, or by "
        "itself. A signature of an authority that the client trusts proves the names; a "
        "self-signed certificate proves nothing by itself, but one can remember its fingerprint "
        "and see that it is the same next time."
    ),
    "tls CertificateVerify": (
        "A copy of a certificate proves nothing: anybody can have one. So the server signs all "
        "that was said so far with the key that belongs to it. That binds this very conversation "
        "to it."
    ),
    "tls CertificateRequest": (
        "The server would take a certificate of the client, too. With one a client can log in "
        "without a password."
    ),
    "tls Finished": (
        "A checksum, made with the new keys, of all messages of the handshake. If somebody on the "
        "way had changed one, such as to take a good cipher off the list, it would not be right."
    ),
    "tls NewSessionTicket": (
        "With this the client may come back later and skip the certificate. Who stole it could do "
        "so, too, and so it is not shown."
    ),
    "tls ServerKeyExchange": (
        "Before TLS 1.3 the server's half of the key exchange comes by itself, signed with the "
        "certificate's key."
    ),
    "tls ServerHelloDone": "Before TLS 1.3: that was all, it is the client's turn.",
    "tls ClientKeyExchange": "Before TLS 1.3: the client's half of the key exchange.",
    "tls KeyUpdate": (
        "From here on this side uses another key, made from the one before: what was said earlier "
        "stays safe should the new one be found out."
    ),
    "tls CertificateStatus": (
        "A word of the authority, of today, that the certificate has not been taken back."
    ),
    "tls alert": (
        "An alert says why a connection ends: close_notify is the good end, by which one knows "
        "that nobody on the way cut it short."
    ),
    "tls ready": (
        "The handshake is done. What comes now is data, in records whose contents only the two "
        "ends can read and nobody can change unnoticed."
    ),
    "ssh version": (
        "SSH begins in the clear, with a line from each side: version of the protocol and name of "
        "the program. They go into the checksum that is signed later, so nobody can make the two "
        "believe in older ones."
    ),
    "ssh line before the version": (
        "A server may say something before its version, for people to read; programs pass it over."
    ),
    "ssh KEXINIT": (
        "Each side says in lists what it can do, the best first: how to agree on a key, which "
        "kinds of host key, ciphers, MACs and compression for each way. A packet is: its length "
        "(4 bytes), the length of the padding (1), the payload, the padding, so that the whole "
        "fits the cipher's blocks and does not tell how long a word is, and a MAC or tag, once "
        "there are keys. The first byte of the payload is its type."
    ),
    "ssh chosen": (
        "Nobody is asked: both sides apply the same rule to the two KEXINIT and get the same "
        "result. Of each list, the client's first that the server has, too."
    ),
    "ssh key exchange": (
        "Both sides send a public share of a Diffie-Hellman exchange and reckon the same secret, "
        "which never goes over the line. The server signs a checksum of all that was said, with "
        "its host key: a client that knows the key knows that nobody sits in between."
    ),
    "ssh NEWKEYS": (
        "From the next packet on this side uses the new keys. Everything after it is enciphered, "
        "with some ciphers the length, too."
    ),
    "ssh EXT_INFO": (
        "What a side can do besides, such as with which algorithms a client's key may sign."
    ),
    "ssh SERVICE_REQUEST": (
        "On the same connection there are two services, one after the other: ssh-userauth to log "
        "in, then ssh-connection with its channels."
    ),
    "ssh SERVICE_ACCEPT": "The service is there, and may be used from here on.",
    "ssh USERAUTH_REQUEST": (
        "The client says as whom it wants in, and by which method. The first is mostly none, "
        "which nobody expects to work: the refusal lists the methods that do. With publickey it "
        "asks first whether a key would do and signs only then; the signature covers this "
        "connection, so it is of no use on another."
    ),
    "ssh USERAUTH_FAILURE": (
        "Not so; these methods would do. It is an answer like others, not the end."
    ),
    "ssh USERAUTH_SUCCESS": (
        "In. Where compression was put off until somebody has logged in, it begins here."
    ),
    "ssh USERAUTH_BANNER": (
        "A text for who is about to log in. It is shown before anybody has proved anything."
    ),
    "ssh USERAUTH_PK_OK": (
        "This key would do: now the client signs with it. The private half never leaves its "
        "machine."
    ),
    "ssh USERAUTH_INFO_REQUEST": (
        "The server asks questions, such as for a password and a code, and says of each whether "
        "the answer may be seen while it is typed."
    ),
    "ssh USERAUTH_INFO_RESPONSE": (
        "The answers. They go enciphered, and the server reads them: unlike a key, a password is "
        "known to whoever it is told."
    ),
    "ssh GLOBAL_REQUEST": (
        "A request that concerns the whole connection and no channel: forward a port, or here are "
        "all my host keys."
    ),
    "ssh REQUEST_SUCCESS": "Yes, to a request that concerned the whole connection.",
    "ssh REQUEST_FAILURE": (
        "No, to a request that concerned the whole connection; mostly it is not known here."
    ),
    "ssh DEBUG": "A remark of the other side's program, for whoever looks for a fault.",
    "ssh UNIMPLEMENTED": (
        "The other side does not know the type of a packet, and says which one it was."
    ),
    "ssh IGNORE": (
        "It means nothing. Some programs send such packets between others so that sizes and times "
        "tell less."
    ),
    "ssh CHANNEL_OPEN": (
        "One connection carries many channels: a session, a forwarded port. Each side has its own "
        "number for one, and a window: how many bytes the other may send before more is granted. "
        "So a channel whose reader is slow does not stop the others."
    ),
    "ssh CHANNEL_OPEN_CONFIRMATION": (
        "The channel is open. The other side says its own number and its own window: from here on "
        "each names the other's number."
    ),
    "ssh CHANNEL_OPEN_FAILURE": "No channel, and why.",
    "ssh CHANNEL_REQUEST": (
        "What is to happen in the channel: a terminal (pty-req), a variable (env), then a shell, "
        "a command (exec) or a subsystem. The exit status comes back the same way."
    ),
    "ssh CHANNEL_SUCCESS": "Yes, to a request in this channel.",
    "ssh CHANNEL_FAILURE": "No, to a request in this channel.",
    "ssh CHANNEL_DATA": "What programs write and people type. Each byte takes one off the window.",
    "ssh CHANNEL_WINDOW_ADJUST": "The reader has taken bytes, so the writer may send more.",
    "ssh CHANNEL_EXTENDED_DATA": "A second stream beside the first: standard error.",
    "ssh CHANNEL_EOF": (
        "No more comes this way; the other way may go on. It is how a program learns that its "
        "input has ended."
    ),
    "ssh CHANNEL_CLOSE": (
        "The channel is done with. When both have said so its number may be used again; the "
        "connection stays for other channels."
    ),
    "ssh DISCONNECT": "The end, with a reason for people.",
    "websocket upgrade asked for": (
        "A browser opens no plain connections, so WebSocket begins as a request in HTTP that asks "
        "to become something else. Origin, if it is there, says which page asks; the subprotocol "
        "says that it is IRC."
    ),
    "websocket upgrade answered": (
        "101: from the next byte on it is no HTTP any more. Sec-WebSocket-Accept is reckoned from "
        "the request's key, by which it is sure that the server knows WebSocket and not just "
        "echoed something."
    ),
    "websocket text frame": (
        "Bytes in frames: a few bits, a length, then one message. A client masks what it sends "
        "with four random bytes, against boxes on the way that might take it for HTTP; it keeps "
        "nothing secret. One line of IRC is one message, without its line ending."
    ),
    "websocket binary frame": "Like a text frame, but what is in it need not be UTF-8.",
    "websocket continuation frame": (
        "A message may come in several frames: this is one behind the first."
    ),
    "websocket no WebSocket": (
        "What came is not what the standard allows here, so nothing more of it is read."
    ),
    "websocket close frame": (
        "Goodbye, with a code and a reason; the other side answers with its own."
    ),
    "websocket ping frame": "Are you there? The answer is a pong with the same bytes.",
    "websocket pong frame": "I am there: the same bytes as the ping had.",
    "irc CAP": (
        "Capabilities: what the server can do beyond the IRC of 1993, asked for by name before "
        "registration ends. What nobody asked for is not sent, so old clients are not bothered."
    ),
    "irc NICK": "Under which name one wants to be seen. Of each there is one at a time.",
    "irc USER": (
        "Who one is besides; NICK and USER together are the registration, and the server answers "
        "with 001."
    ),
    "irc PASS": (
        "The server's password. On a connection without TLS everybody on the way could read it."
    ),
    "irc AUTHENTICATE": (
        "Logging in to an account (SASL), in steps of base64. base64 hides nothing: only TLS "
        "around it does."
    ),
    "irc numeric": (
        "Servers answer with three digits: 001 to 005 is the welcome, 4xx and 5xx are errors. The "
        "first parameter is always one's own nick. The last may hold blanks, for a colon stands "
        "before it on the wire."
    ),
    "irc PING": (
        "Are you there? Who does not answer with the same word in a PONG is taken for dead."
    ),
    "irc PONG": "I am there: the same word as the PING had.",
    "irc PRIVMSG": (
        "Somebody says something, to a channel or a nick. Who, stands before the command: "
        "nick!user@host."
    ),
    "irc NOTICE": (
        "Like PRIVMSG, but nobody may answer it by program; so two bots cannot keep each other "
        "busy."
    ),
    "irc JOIN": "Somebody enters a channel; everybody in it is told the same line.",
    "irc PART": "Somebody leaves a channel and stays on the server.",
    "irc MODE": "A switch is set or taken off: of a channel, or who is what in it, or of oneself.",
    "irc TOPIC": "What a channel is about; everybody in it is told when it changes.",
    "irc KICK": (
        "Somebody is put out of a channel, and may come back if nothing else keeps them out."
    ),
    "irc TAGMSG": "Tags without a text, such as that somebody is typing.",
    "irc FAIL": (
        "No, and why: first the command, then a word for programs, last a sentence for people."
    ),
    "irc QUIT": "Goodbye. The server answers with ERROR and ends the connection.",
    "irc ERROR": "The server's last word before it ends the connection.",
    "irc no message": (
        "A line that is none: without a command, or with a byte that no line may hold."
    ),
    "irc line too long": (
        "Lines have a bound, or somebody could fill all memory with one. So a program drops what "
        "is beyond it."
    ),
    "irc BATCH": (
        "Lines that belong together, such as history, stand between two of these; each carries "
        "the tag batch."
    ),
}
"""Each by the layer and the name of what it explains."""
