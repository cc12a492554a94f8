"""What a listener on the way sees, without TLS and with: `python docs/learn/06_tls.py`."""

import asyncio
import ssl
import subprocess
import tempfile
from pathlib import Path

SECRET = b"the password is swordfish\n"


def certificate(folder: Path) -> Path:
    """Make a key and a certificate signed by itself; return the file that has both."""
    both = folder / "both.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(both), "-out", str(folder / "certificate.pem")]
    subprocess.run([*make.split(), *names, *files], check=True, capture_output=True)
    with both.open("ab") as file:
        file.write((folder / "certificate.pem").read_bytes())
    return both


class Listener:
    """Stand on the way between a client and a server: pass on every byte, and keep a copy."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.heard = b""
        self.ended = asyncio.Event()

    async def pass_on(self, client: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", self.port)
        await asyncio.gather(self._copy(client, to_server), self._copy(server, writer))
        self.ended.set()

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while piece := await source.read(4096):
            self.heard += piece
            target.write(piece)
        target.close()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if await reader.readline() == SECRET:
        writer.write(b"welcome\n")
    writer.close()


async def overheard(of_server: ssl.SSLContext | None, of_client: ssl.SSLContext | None) -> bytes:
    """Let a client tell a server the secret, and return all that a listener between them heard."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=of_server)
    listener = Listener(server.sockets[0].getsockname()[1])
    between = await asyncio.start_server(listener.pass_on, "127.0.0.1", 0)
    port = between.sockets[0].getsockname()[1]
    name = "localhost" if of_client else None
    async with server, between:
        try:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=of_client, server_hostname=name
            )
            writer.write(SECRET)
            assert await reader.read() == b"welcome\n"
            writer.close()
        finally:
            await listener.ended.wait()
    return listener.heard


def show(title: str, heard: bytes) -> None:
    print(f"{title}: the listener has {len(heard)} bytes")
    for at in range(0, min(len(heard), 64), 16):
        row = heard[at : at + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        print(f"  {at:04x}  {row.hex(' '):<47}  {text}")
    print(f"  knows the password: {'yes' if b'swordfish' in heard else 'no'}\n")


def main() -> None:
    show("plain", asyncio.run(overheard(None, None)))
    with tempfile.TemporaryDirectory() as folder:
        both = certificate(Path(folder))
        of_server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        of_server.load_cert_chain(both)
        of_client = ssl.create_default_context(cafile=both)  # trusts this certificate and no other
        show("TLS", asyncio.run(overheard(of_server, of_client)))
        try:
            asyncio.run(overheard(of_server, ssl.create_default_context()))
        except ssl.SSLCertVerificationError as error:
            print(f"a client that does not know the certificate: {error.verify_message}")


if __name__ == "__main__":
    main()
