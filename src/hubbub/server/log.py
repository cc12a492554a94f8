"""The log: events with fields, one line each, on standard error.

What others typed can be in a field, so a line for eyes shows control characters as <U+001B>; JSON
escapes everything but ASCII.
"""

import contextlib
import logging
import os
import sys
import threading
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from hubbub.settings.model import Log

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


class _Output:
    """Write to a stream, as long as that takes something.

    On a full disk, or where a pipe's reader has gone, whoever says something goes on in silence:
    the server serves, and STATUS tells of the disk.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write text. Raise nothing."""
        with contextlib.suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        """Have it written. Raise nothing."""
        with contextlib.suppress(OSError):
            self._stream.flush()


def say(text: str) -> None:
    """Write lines on standard output, where somebody may wait for them, but need not."""
    output = _Output(sys.stdout)
    output.write(f"{text}\n")
    output.flush()


def give_up_output() -> None:
    """Let go of what could not be written: at the very end it would be tried again, and fail."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


class _Writer(structlog.WriteLogger):
    """Write lines to a stream, for one module."""

    def __init__(self, stream: TextIO, name: str) -> None:
        super().__init__(_Output(stream))  # type: ignore[arg-type]
        self.name = name


def configure_log(log: Log, stream: TextIO | None = None) -> None:
    """Send everything logged here, and by libraries, to a stream (standard error).

    Each line tells its `logger`, the module that wrote it.

    May be called again when `level` changes; loggers already made follow.
    """
    stream = stream or sys.stderr
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = _json() if log.format == "json" else _console(stream)
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[log.level]),
        logger_factory=lambda name: _Writer(stream, name),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=_LEVELS[log.level], force=True)


def json_line(logger: str, event: str, **fields: object) -> str:
    """Return an event as a line of a JSON log, whatever level is logged; "info" unless it says."""
    line: structlog.types.EventDict = {"event": event, "level": "info", "logger": logger, **fields}
    stamped = structlog.processors.TimeStamper(fmt="iso", utc=True)(None, "info", line)
    return str(structlog.processors.JSONRenderer()(None, "info", stamped))


def log_uncaught() -> None:
    """Send to the log what Python would print by itself: uncaught exceptions, and warnings.

    For the process of a server; it stays so until the process ends.
    """
    log = structlog.get_logger("hubbub")
    logging.captureWarnings(True)

    def uncaught(kind: Any, error: Any, traceback: Any) -> None:
        log.critical("uncaught exception", exc_info=(kind, error, traceback))

    def in_thread(args: threading.ExceptHookArgs) -> None:
        name = args.thread.name if args.thread is not None else ""
        info = (args.exc_type, args.exc_value, args.exc_traceback)
        log.error("uncaught exception in a thread", thread=name, exc_info=info)

    def unraisable(args: Any) -> None:
        where = args.err_msg or "exception ignored"
        info = (args.exc_type, args.exc_value, args.exc_traceback)
        log.error("exception ignored", where=f"{where}: {args.object!r}", exc_info=info)

    sys.excepthook = uncaught
    threading.excepthook = in_thread
    sys.unraisablehook = unraisable


def _json() -> list[structlog.types.Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _console(stream: TextIO) -> list[structlog.types.Processor]:
    renderer = structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    return [_visible, renderer]


def _visible(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key, value in event.items():
        text = value if isinstance(value, str) else None
        if text is not None and not text.isprintable() and key != "exception":
            event[key] = "".join(map(_symbol, text))
    return event


def _symbol(char: str) -> str:
    return char if char.isprintable() else f"<U+{ord(char):04X}>"
