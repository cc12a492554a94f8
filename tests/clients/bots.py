"""Bots, written as each one's documentation says: `!run WORD` is answered with `ran WORD`."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tests.clients.program import VENV, Program, Unprivileged, passed_over


class Bot(Program):
    """A bot that a script of ours is in."""

    asked = "!run {}"
    """What it answers with `ran ...`."""
    lasts: ClassVar = 0.0
    """Seconds for which it must have been there if it is to come back."""


class PythonBot(Bot):
    """A bot that runs by the interpreter of the clients' environment."""

    needs = "python"
    module = ""

    @classmethod
    def path(cls) -> str:
        python = VENV / "bin/python"
        if not list(VENV.glob(f"lib/python*/site-packages/{cls.module}*")):
            passed_over(f"{cls.module} is not installed ({cls.hint})")
        return str(python)


class Irc3(PythonBot):
    """irc3, which logs in by SASL."""

    module = "irc3"

    def command(self) -> list[str]:
        return [self.path(), str(self.copied("irc3_bot.py", "irc3_bot.py"))]


class Pydle(PythonBot):
    """pydle, over TLS, with SASL."""

    module = "pydle"

    def command(self) -> list[str]:
        return [self.path(), str(self.copied("pydle_bot.py", "pydle_bot.py"))]


class Sopel(PythonBot):
    """Sopel with a plug-in, and SASL."""

    module = "sopel"

    def command(self) -> list[str]:
        self.copied("sopel_plugin.py", "home/plugins/runner.py")
        config = self.copied("sopel.cfg", "home/bot.cfg")
        script = str(self.copied("sopel_bot.py", "sopel_bot.py"))
        return [self.path(), script, "start", "--config-dir", str(config.parent), "-c", "bot"]


class Limnoria(PythonBot):
    """Limnoria with its own `echo`, and SASL."""

    module = "limnoria"
    asked = "!echo ran {}"

    def command(self) -> list[str]:
        config = self.copied("limnoria.conf", "bot.conf")
        return [str(Path(self.path()).parent / "limnoria"), "--allow-root", str(config)]


class Eggdrop(Unprivileged, Bot):
    """Eggdrop with a script in Tcl; it logs in to NickServ, for it knows no SASL."""

    needs = "eggdrop"
    hint = "apt install eggdrop"

    def command(self) -> list[str]:
        config = self.copied("eggdrop.conf", "eggdrop.conf")
        (self.folder / "user").write_text("#4v: eggdrop v1.8.4 -- Bob -- written\n")
        return self.as_nobody([self.path(), "-nt", str(config)])


class IrcFramework(Bot):
    """irc-framework, what The Lounge and Kiwi speak with, over TLS with SASL."""

    needs = "node"
    lasts = 5.5
    hint = "apt install nodejs; make test-clients installs the rest"

    def command(self) -> list[str]:
        node = self.path()
        modules = Path(__file__).parent / "node_modules"
        if not (modules / "irc-framework").exists():
            passed_over("irc-framework is not installed (make test-clients installs it)")
        script = self.copied("framework_bot.js", "bot.js")
        link = self.folder / "node_modules"
        if not link.exists():
            link.symlink_to(modules)
        return [node, str(script)]


PROGRAMS = (Irc3, Pydle, Sopel, Limnoria, Eggdrop, IrcFramework)
