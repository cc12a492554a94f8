"""ssh by libssh2: PORT USER (COMMAND | --terminal), as the password or key in the environment."""

import os
import select
import socket
import sys

from ssh2.error_codes import LIBSSH2_ERROR_EAGAIN as AGAIN
from ssh2.exceptions import AuthenticationError
from ssh2.session import LIBSSH2_SESSION_BLOCK_OUTBOUND, Session

port, user, command = int(sys.argv[1]), sys.argv[2], sys.argv[3]
connection = socket.create_connection(("127.0.0.1", port))
session = Session()
session.handshake(connection)
# It is asked first, as programs of libssh2 do, which tries `none` on the way.
offered = session.userauth_list(user) or []
sys.stderr.write(f"offered {' '.join(offered)}\n")
method = os.environ.get("METHOD", "none")
try:
    if method == "key":
        session.userauth_publickey_fromfile(user, os.environ["KEY"])
    elif method == "password":
        session.userauth_password(user, os.environ["PASSWORD"])
    elif method == "keyboard-interactive":
        session.userauth_keyboardinteractive(user, os.environ["PASSWORD"])
except AuthenticationError:
    sys.stderr.write("refused\n")
    sys.exit(255)

channel = session.open_session()
if command == "--terminal":
    channel.pty("xterm")
    channel.shell()
else:
    channel.execute(command)
session.set_blocking(False)


def wait():
    """Wait for the other side, or for what is typed here."""
    outbound = session.block_directions() & LIBSSH2_SESSION_BLOCK_OUTBOUND
    reading = [connection, *([sys.stdin.buffer] if typing else [])]
    return select.select(reading, [connection] if outbound else [], [], 0.5)[0]


typing = True
while not channel.eof():
    came = False
    for read, out in ((channel.read, sys.stdout), (channel.read_stderr, sys.stderr)):
        size, data = read()
        while size > 0:
            came = True
            out.buffer.write(data)
            out.buffer.flush()
            size, data = read()
    if came or channel.eof() or sys.stdin.buffer not in wait():
        continue
    typed = os.read(sys.stdin.fileno(), 4096)
    if not typed:
        typing = False
        while channel.send_eof() == AGAIN:
            wait()
    while typed:
        _, written = channel.write(typed)
        typed = typed[written:] if written > 0 else typed
session.set_blocking(True)
# The end in good order: theirs has come, so ours, and the status between them.
channel.close()
channel.wait_closed()
status = channel.get_exit_status()
session.disconnect()
sys.exit(status)
