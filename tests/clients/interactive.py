"""Programs for people: WeeChat, irssi and HexChat."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import ClassVar

from tests.clients.program import SCRIPTS, Program, Unprivileged, wait_for
from tests.e2e.irc_client import Client
from tests.terminal.servers import free_port


class WeeChat(Program):
    """WeeChat without a screen, spoken to through its pipe."""

    needs = "weechat-headless"
    hint = "apt install weechat-headless weechat-plugins"

    def command(self) -> list[str]:
        path = self.path()
        version = subprocess.run(
            [path, "--version"], capture_output=True, text=True, check=True
        ).stdout
        tls = "ssl" if version.startswith(("2.", "3.")) else "tls"
        commands = [
            "/set logger.file.flush_delay 0",
            "/set irc.network.autoreconnect_delay_growing 1",
            "/set irc.server_default.autoreconnect_delay 1",
            "/set fifo.file.path ${weechat_runtime_dir}/fifo",
            f"/server add hub 127.0.0.1/{self.doors.tls} -{tls} -nicks=bob -autojoin=#lobby",
            f"/set irc.server.hub.{tls}_fingerprint {self.doors.fingerprint}",
            "/set irc.server.hub.sasl_username bob",
            "/set irc.server.hub.sasl_password bobs-password",
            "/connect hub",
        ]
        again = [word for line in commands for word in ("--run-command", line)]
        return [path, "--dir", str(self.folder / "home"), *again]

    def shown(self) -> str:
        logs = sorted((self.folder / "home/logs").glob("irc.hub.*.weechatlog"))
        return "".join(log.read_text(errors="replace") for log in logs)

    def say(self, text: str) -> None:
        (fifo,) = (self.folder / "home").glob("**/fifo")
        with fifo.open("w") as pipe:
            pipe.write(f"irc.hub.#lobby *{text}\n")


class Irssi(Program):
    """irssi in a terminal of tmux."""

    needs = "irssi"
    hint = "apt install irssi tmux"

    def command(self) -> list[str]:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        (home / "config").write_text(
            'chatnets = { hub = { type = "IRC"; sasl_mechanism = "PLAIN"; sasl_username = "bob";'
            ' sasl_password = "bobs-password"; }; };\n'
            f'servers = ( {{ address = "127.0.0.1"; chatnet = "hub"; port = "{self.doors.tls}";'
            ' use_tls = "yes"; tls_verify = "no"; autoconnect = "yes"; } );\n'
            'channels = ( { name = "#lobby"; chatnet = "hub"; autojoin = "yes"; } );\n'
            'settings = { core = { nick = "bob"; user_name = "bob"; real_name = "Bob";'
            ' server_reconnect_time = "11s"; server_connect_timeout = "10s"; };'
            ' "irc/core" = { cmd_queue_speed = "10msec"; };\n'
            ' "fe-common/core" = { autolog = "yes"; autolog_path = "~/logs/$0.log"; }; };\n'
        )
        return [
            "tmux",
            "-L",
            self._socket,
            "-f",
            "/dev/null",
            "-C",
            "new-session",
            "-x",
            "160",
            "-y",
            "50",
            f"{self.path()} --home {home}",
        ]

    @property
    def _socket(self) -> str:
        return f"hubbub-irssi-{self.folder.parent.name}"

    def environment(self) -> Mapping[str, str]:
        return {"HOME": str(self.folder), "TERM": "xterm", "LANG": "C.UTF-8", "TMUX": ""}

    def shown(self) -> str:
        logs = sorted((self.folder / "logs").glob("*.log"))
        return "".join(log.read_text(errors="replace") for log in logs)

    def say(self, text: str) -> None:
        keys = ["tmux", "-L", self._socket, "send-keys"]
        subprocess.run([*keys, "-l", f"/msg #lobby {text}"], check=True)
        subprocess.run([*keys, "Enter"], check=True)

    def stop(self) -> None:
        """End irssi and its terminal."""
        subprocess.run(
            ["tmux", "-L", self._socket, "kill-server"], check=False, capture_output=True
        )
        super().stop()


class HexChat(Unprivileged):
    """HexChat on a screen that nobody sees; a script in it types what a file says."""

    needs = "hexchat"
    hint = "apt install hexchat hexchat-lua xvfb xauth"
    _count: ClassVar = 0

    def command(self) -> list[str]:
        home = self.folder / "home"
        (home / "addons").mkdir(parents=True, exist_ok=True)
        (home / "addons/typist.lua").write_text((SCRIPTS / "hexchat.lua").read_text())
        (home / "servlist.conf").write_text(
            "v=2.16.1\n\nN=hub\nL=6\nE=UTF-8 (Unicode)\nF=45\nI=bob\nU=bob\nP=bobs-password\n"
            f"D=0\nJ=#lobby\nS=127.0.0.1/+{self.doors.tls}\n\n"
        )
        (home / "hexchat.conf").write_text(
            "version = 2.16.1\nirc_nick1 = bob\nirc_user_name = bob\nirc_real_name = Bob\n"
            "net_reconnect_delay = 1\nnet_auto_reconnect = 1\ngui_slist_skip = 1\n"
            "irc_logging = 1\nirc_logmask = %n-%c.log\nirc_who_join = 0\ndcc_auto_recv = 0\n"
        )
        return self.as_nobody(["xvfb-run", "-a", self.path(), "--cfgdir", str(home)])

    def environment(self) -> Mapping[str, str]:
        typed = str(self.folder / "typed")
        return {"HOME": str(self.folder), "TYPED": typed, "NO_AT_BRIDGE": "1", "LANG": "C.UTF-8"}

    def shown(self) -> str:
        logs = sorted((self.folder / "home/logs").glob("**/*.log"))
        return "".join(log.read_text(errors="replace") for log in logs)

    def say(self, text: str) -> None:
        typed = self.folder / "typed"
        # The script takes the file away when it has read it.
        wait_for(lambda: not typed.exists(), self.told)
        new = self.folder / "typed.new"
        new.write_text(text)
        new.rename(typed)


class Znc(Unprivileged):
    """The bouncer ZNC, and a client of few words behind it."""

    needs = "znc"
    hint = "apt install znc"

    def command(self) -> list[str]:
        path = self.path()
        self._port = free_port()
        self.copied("znc.conf", "configs/znc.conf", {"@PORT@": str(self._port)})
        return self.as_nobody([path, "--foreground", "--datadir", str(self.folder)])

    def shown(self) -> str:
        logs = sorted(self.folder.glob("users/bob/networks/hub/moddata/log/**/*.log"))
        return "".join(log.read_text(errors="replace") for log in logs)

    def say(self, text: str) -> None:
        with Client(self._port) as client:
            client.send("PASS bob/hub:behind", "NICK bob", "USER bob 0 * :Bob")
            client.until("001")
            client.send(f"PRIVMSG #lobby :{text}")
            client.sync()


PROGRAMS = (WeeChat, Irssi, HexChat, Znc)
