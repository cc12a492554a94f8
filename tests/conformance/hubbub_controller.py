"""What the conformance suite needs to start and stop Hubbub; loaded from outside the suite.

make conformance IRCTEST=path/to/its/checkout
"""

# mypy: ignore-errors

from __future__ import annotations

import json
import os
import shutil
import sys
from functools import lru_cache, partial
from pathlib import Path
from typing import ClassVar

from irctest.basecontrollers import BaseServerController, DirectoryBasedController
from irctest.specifications import OptionalBehaviors

from hubbub.cli.control import ask
from hubbub.passwords.argon2 import hash_password

hashed = lru_cache(hash_password)


class HubbubController(BaseServerController, DirectoryBasedController):
    """Run `hubbub serve` with the names and passwords that the suite has written into its cases."""

    software_name = "Hubbub"
    supported_sasl_mechanisms: ClassVar[set[str]] = {"PLAIN", "SCRAM-SHA-256"}
    supports_sts = False
    extban_mute_char = "m"
    # What a case would skip where a server lacks it, and what it therefore may not skip here.
    optional_behaviors = frozenset(
        {
            OptionalBehaviors.BAN_EXCEPTION_MODE,
            OptionalBehaviors.CAP_REQ_MINUS,
            OptionalBehaviors.INVITE_EXCEPTION_MODE,
            OptionalBehaviors.INVITE_LIST,
            OptionalBehaviors.INVITE_OVERRIDES_LIMIT,
            OptionalBehaviors.MULTI_JOIN,
            OptionalBehaviors.MULTI_KICK,
            OptionalBehaviors.MULTI_NAMES_COMMAND,
            OptionalBehaviors.MULTI_PRIVMSG,
            OptionalBehaviors.NO_CTCP,
        }
    )
    isupport: ClassVar = {"CASEMAPPING": "ascii", "NICKLEN": "32", "UTF8ONLY": None}

    def run(
        self,
        hostname,
        port,
        *,
        password,
        ssl,
        run_services,
        faketime,
        websocket_hostname=None,
        websocket_port=None,
    ):
        """Start a server on a port of the loopback."""
        self.create_config()
        self.port = port
        settings = {
            "NAME": "My.Little.Server",
            "DESCRIPTION": "test server",
            "DATA_DIR": str(self.directory / "data"),
            "DOORS__TLS": "[]",
            "DOORS__PLAIN": "[]",
            "DOORS__SSH": "[]",
            "LIMITS__FLOOD": "false",
            "LIMITS__PING_AFTER_SECONDS": "120",
            "CHANNELS__KEEP": "[]",
            "ACCESS": "open",
            "ACCOUNTS__REGISTER_BEFORE_CONNECT": str(
                self.test_config.account_registration_before_connect
            ).lower(),
            "ACCOUNTS__EMAIL": (
                "required" if self.test_config.account_registration_requires_email else "off"
            ),
            # Nothing listens there: no case reads what was sent.
            "MAIL__HOST": "127.0.0.1",
            "MAIL__PORT": "1",
            "MAIL__SENDER": "chat@example.org",
            "ACCOUNTS__SCRAM": "true",
            "OPERATORS__operuser": hashed("operpassword"),
        }
        settings["DOORS__TLS" if ssl else "DOORS__PLAIN"] = json.dumps([f"127.0.0.1:{port}"])
        if websocket_port is not None:
            settings["DOORS__WEBSOCKET"] = json.dumps([f"127.0.0.1:{websocket_port}"])
        if password is not None:
            settings["PASSWORD"] = hashed(password)
        command = [sys.executable, "-m", "hubbub", "serve"]
        if faketime and shutil.which("faketime"):
            command = ["faketime", "-f", faketime, *command]
            self.faketime_enabled = True
        environment = {k: v for k, v in os.environ.items() if not k.startswith("HUBBUB_")}
        environment |= {f"HUBBUB_{name}": value for name, value in settings.items()}
        self.start = partial(
            self.execute, command, proc_name="hubbub", env=environment, cwd=Path(self.directory)
        )
        self.proc = self.start()

    def restart(self):
        """End the server and start it again on the same data and port."""
        self.proc.terminate()
        self.proc.wait()
        self.port_open = False
        self.proc = self.start()
        self.wait_for_port()

    def registerUser(self, case, username, password=None):  # noqa: N802 (the suite's name)
        """Make an account through the control socket."""
        if not self.port_open:
            self.wait_for_port()
        ask(self.directory / "data", "ACCOUNT", "ADD", username, password)

    def wait_for_services(self):
        """Return at once: there are none to wait for."""


def get_irctest_controller_class():
    """Return the controller; the suite asks for it by this name."""
    return HubbubController
