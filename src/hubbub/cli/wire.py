"""`hubbub wire`: its options; what it does is loaded when it runs."""

from __future__ import annotations

from typing import Annotated, Final

import typer

EXIT_CODES: Final = (
    "Exit codes: 0 seen to the end; 2 wrong usage; 3 no TCP connection; 4 what came is not what "
    "the address says, or no handshake was possible; 5 not let in; 6 nothing more came in the time "
    "that there was; 7 the connection ended in the midst of it, or too much came; 130 interrupted, "
    "which is how --proxy ends."
)

Address = Annotated[
    str,
    typer.Argument(
        metavar="ADDRESS",
        help="irc://HOST[:PORT], ircs://, ws://HOST[:PORT][/PATH], wss://, or "
        "ssh://[USER@]HOST[:PORT], as guest-wire without USER.",
    ),
]
Proxy = Annotated[
    str | None,
    typer.Option(
        metavar="[HOST:]PORT",
        help="Listen there for clients of what ADDRESS names, pass on what both say, and show it. "
        "Clients are shown a certificate or host key made for this run.",
    ),
]
Typed = Annotated[
    bool,
    typer.Option(
        "--type", help="Send the lines of standard input; of itself it answers PING only."
    ),
]
VisitNick = Annotated[
    str, typer.Option(metavar="NICK", help="Visit under this nick. Default: wire and a number.")
]
Identity = Annotated[
    str,
    typer.Option(metavar="FILE", help="ssh: log in with this private key. Default: with nothing."),
]
Command = Annotated[
    str | None, typer.Option(metavar="TEXT", help="ssh: run this. Default: a shell.")
]
Compress = Annotated[bool, typer.Option("--compress", help="ssh: offer compression.")]
ServerFingerprint = Annotated[
    str,
    typer.Option(
        metavar="SHA256",
        help="With --proxy: what the server's certificate or host key must be. Default: on this "
        "machine any, elsewhere what verifies, or is in known_hosts.",
    ),
]
Seconds = Annotated[
    float,
    typer.Option(metavar="SECONDS", min=0.1, max=3600, help="How long each step may take."),
]
Lesson = Annotated[
    bool, typer.Option("--lesson", help="Explain each step when it comes for the first time.")
]
AsJSON = Annotated[
    bool, typer.Option("--json", help="Print one JSON object a line instead of text.")
]


def wire(
    address: Address,
    proxy: Proxy = None,
    typed: Typed = False,
    nick: VisitNick = "",
    identity: Identity = "",
    command: Command = None,
    compress: Compress = False,
    fingerprint: ServerFingerprint = "",
    seconds: Seconds = 10.0,
    lesson: Lesson = False,
    as_json: AsJSON = False,
) -> None:
    """Show what goes over the line to a server, layer by layer.

    It connects as a client, registers or logs in, leaves, and shows everything meanwhile: TCP, TLS
    or SSH, WebSocket, IRC. Secrets are masked. It looks at any certificate or key and trusts none,
    so it never sends a password by itself.
    """
    from hubbub.wire import command as look

    options = look.WireOptions(
        address,
        proxy=proxy,
        typed=typed,
        nick=nick,
        identity=identity,
        command=command,
        compress=compress,
        fingerprint=fingerprint,
        seconds=seconds,
        lesson=lesson,
        json=as_json,
    )
    raise typer.Exit(look.main(options))
