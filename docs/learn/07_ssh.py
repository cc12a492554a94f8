"""Begin an SSH connection by hand, and show each packet: `python docs/learn/07_ssh.py [PORT]`."""

import hashlib
import secrets
import socket
import sys
from base64 import b64encode
from collections.abc import Iterator
from typing import BinaryIO

from x25519 import BASE, x25519

OURS = b"SSH-2.0-lesson"
NAMES = {20: "KEXINIT", 21: "NEWKEYS", 30: "ECDH_INIT", 31: "ECDH_REPLY"}
LISTS = ["key exchange", "host key", "cipher to server", "cipher to client", "MAC to server"]
LISTS += ["MAC to client", "compression to server", "compression to client"]
WANTED = ["curve25519-sha256", "ssh-ed25519", *["aes256-gcm@openssh.com,aes256-ctr"] * 2]
WANTED += [*["hmac-sha2-256-etm@openssh.com,hmac-sha2-256"] * 2, "none", "none"]


def string(data: bytes) -> bytes:
    """Return bytes as SSH writes them: four of length, then they themselves (RFC 4251 5)."""
    return len(data).to_bytes(4, "big") + data


def strings(data: bytes) -> Iterator[bytes]:
    while data:
        end = 4 + int.from_bytes(data[:4], "big")
        yield data[4:end]
        data = data[end:]


def send(server: socket.socket, payload: bytes) -> None:
    """Send length, length of the padding, payload, padding (RFC 4253 6): a multiple of 8."""
    padding = 4 + (-len(payload) - 9) % 8
    body = bytes([padding]) + payload + secrets.token_bytes(padding)
    show("->", body)
    server.sendall(string(body))


def receive(stream: BinaryIO) -> bytes:
    length = int.from_bytes(stream.read(4), "big")
    body = stream.read(min(length, 35_000))  # a bound, before a stranger is believed
    if length < 6 or len(body) < length:
        sys.exit("the server ended the connection, or does not speak SSH")
    show("<-", body)
    return body[1 : length - body[0]]


def show(way: str, body: bytes) -> None:
    padding, kind = body[0], body[1]
    payload = len(body) - 1 - padding
    print(
        f"{way} {NAMES.get(kind, kind)}: length {len(body)}, padding {padding}, payload {payload}"
    )


def agree(their_offer: bytes) -> None:
    """Say what each list comes to: the first of the client's that the server has (RFC 4253 7.1)."""
    for title, wanted, offered in zip(LISTS, WANTED, strings(their_offer[17:]), strict=False):
        names = offered.decode("ascii", "replace").split(",")
        chosen = next((name for name in wanted.split(",") if name in names), None)
        print(f"   {title}: {chosen or sys.exit('nothing in common')}, of {len(names)}")


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 2222
    with socket.create_connection(("127.0.0.1", port), timeout=10) as server:
        stream = server.makefile("rb")
        server.sendall(OURS + b"\r\n")
        theirs = stream.readline(255).rstrip(b"\r\n")
        print(f"-> {OURS.decode()}\n<- {theirs.decode('ascii', 'replace')}")
        lists = b"".join(string(names.encode()) for names in [*WANTED, "", ""])
        our_offer = bytes([20]) + secrets.token_bytes(16) + lists + bytes(5)
        send(server, our_offer)
        their_offer = receive(stream)
        agree(their_offer)
        ours = secrets.token_bytes(32)
        public = x25519(ours, BASE)
        send(server, bytes([30]) + string(public))
        host_key, their_public, _signature = strings(receive(stream)[1:])
        fingerprint = b64encode(hashlib.sha256(host_key).digest()).decode().rstrip("=")
        print(f"   the server's key is SHA256:{fingerprint}")
        print("   both have a secret of 256 bits that was never sent")
        number = x25519(ours, their_public).lstrip(b"\0")  # RFC 4251 5, mpint: no zeros, no sign
        number = string(b"\0" * (number[0] >> 7) + number)
        # The keys come from the secret and all that was sent, so that nobody can have changed it.
        seen = [OURS, theirs, our_offer, their_offer, host_key, public, their_public]
        digest = hashlib.sha256(b"".join(map(string, seen)) + number).digest()
        for letter, way in [(b"C", "to server"), (b"D", "to client")]:
            key = hashlib.sha256(number + digest + letter + digest).digest()
            print(f"   cipher {way}: a key of {len(key) * 8} bits, of that and of all above")
        receive(stream)
        send(server, bytes([21]))
        print("   from here on all packets are encrypted")


if __name__ == "__main__":
    main()
