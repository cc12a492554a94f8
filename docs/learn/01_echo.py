"""One socket, one client, an echo: `python docs/learn/01_echo.py [PORT]`."""

import socket
import sys


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 9001
    with socket.create_server(("127.0.0.1", port)) as listening:
        print(f"listening on 127.0.0.1:{port}", flush=True)
        while True:
            # A second socket: the first one goes on listening, this is the talk with one client.
            client, (host, its_port) = listening.accept()
            print(f"{host}:{its_port} is here", flush=True)
            with client:
                serve(client)
            print(f"{host}:{its_port} is gone", flush=True)


def serve(client: socket.socket) -> None:
    """Send back what one client writes, until it ends the connection."""
    try:
        while received := client.recv(4096):
            client.sendall(received)
    except ConnectionError:
        pass  # the client died in the middle of it: the next one should not suffer for that


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
