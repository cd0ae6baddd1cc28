"""Structured logs: one JSON line an event (or readable lines on a terminal), ids as fields.

`bind(order=...)` adds fields to every later line of the same request or task. Personal data
(e-mail, address, name) never goes into a log line.

A malformed request writes one line of bounded size and never a traceback: what is wrong with it is
a field of its line in the access log, whose level is then warning.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

IN_FRONT = frozenset({"timestamp", "level", "event", "logger"})  # of a readable line
LONGEST_TEXT = 500  # characters of a field or message
LONGEST_REASON = 200  # characters of what a client made us say; each is ASCII
REQUEST_ID_SHAPE = re.compile(r"[A-Za-z0-9._-]{8,64}")

OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({})))

Event = dict[str, Any]
Render = Callable[[Event], str]

_NOTHING: Mapping[str, object] = {}
_bound: ContextVar[Mapping[str, object]] = ContextVar("log_fields", default=_NOTHING)
_service = ""


class Logger:
    """Writes events, each a text that never changes and fields that do."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def info(self, event: str, **fields: object) -> None:
        self.log(logging.INFO, event, **fields)

    def warning(self, event: str, **fields: object) -> None:
        self.log(logging.WARNING, event, **fields)

    def error(self, event: str, **fields: object) -> None:
        self.log(logging.ERROR, event, **fields)

    def exception(self, event: str, **fields: object) -> None:
        """An error, with the traceback of the exception that is being handled."""
        self._write(logging.ERROR, {"event": event, **fields}, sys.exc_info())

    def log(self, level: int, event: str, **fields: object) -> None:
        self._write(level, {"event": event, **fields}, None)

    def _write(self, level: int, event: Event, error: Any) -> None:
        if self._logger.isEnabledFor(level):
            name, message = self._logger.name, _completed(event, self._logger.name, level)
            record = self._logger.makeRecord(name, level, "", 0, message, (), error)
            self._logger.handle(record)


def get_logger(name: str) -> Logger:
    return Logger(name)


def bind(**fields: object) -> None:
    """Add `fields` to every later log line of this request, task or turn."""
    _bound.set({**_bound.get(), **fields})


def clear() -> None:
    """Forget all bound fields and the request id; called at the start of each unit of work."""
    _bound.set(_NOTHING)


def note_refusal(kind: str, reason: str) -> None:
    """Tell the access log why this request is refused."""
    typed = reason.encode("unicode_escape").decode("ascii")
    bind(refused=kind, reason=typed[:LONGEST_REASON])


def is_refused() -> bool:
    return "refused" in _bound.get()


class RefusalHandler(logging.Handler):
    """For Django's own refusals (a foreign Host, too many fields, a missing CSRF token)."""

    def emit(self, record: logging.LogRecord) -> None:
        note_refusal(record.name.rpartition(".")[2], record.getMessage())


def cut(record: logging.LogRecord) -> bool:
    """A logging filter for messages that repeat what was sent."""
    record.msg, record.args = record.getMessage()[:LONGEST_TEXT], ()
    return True


def request_id() -> str:
    """The id of the request that is being served, or "" outside of one."""
    return str(_bound.get().get("request_id", ""))


def set_request_id(candidate: str | None) -> str:
    """Take over `candidate` if it has the shape of a request id, otherwise mint one; bind it."""
    found = REQUEST_ID_SHAPE.fullmatch(candidate or "")
    chosen = found[0] if found else secrets.token_hex(12)
    bind(request_id=chosen)
    return chosen


def configuration(*, level: str, as_json: bool, service: str) -> dict[str, Any]:
    """Django's LOGGING for one service, whose name each line has from now on."""
    global _service
    _service = service
    # Django sets TZ to the shop's zone; logs of gunicorn and libraries stay in UTC as well.
    logging.Formatter.converter = time.gmtime
    _note_less()
    render = json.JSONEncoder(default=repr).encode if as_json else _readable
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": LineFormatter, "render": render}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
            "refusals": {"class": "chassis.logs.RefusalHandler"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"level": "INFO", "propagate": True, "handlers": []},
            # Every 4xx is the client's business; the access log has it already.
            "django.request": {"level": "ERROR"},
            "django.security": {"propagate": False, "handlers": ["refusals"]},
            "django.server": {"level": "WARNING", "propagate": True, "handlers": []},
            # A line for each message received and done; the moves of orders are logged instead.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }


def _note_less() -> None:
    """No line of ours names its place in the code or its thread: that costs a third of it."""
    vars(logging).update(
        _srcfile=None,
        logThreads=False,
        logMultiprocessing=False,
        logAsyncioTasks=False,
    )


class LineFormatter(logging.Formatter):
    """One line for an event of ours or a library's message; a traceback is its last field."""

    def __init__(self, *, render: Render) -> None:
        super().__init__()
        self._render = render

    def format(self, record: logging.LogRecord) -> str:
        event = record.msg if isinstance(record.msg, dict) else _of_library(record)
        if record.exc_info and record.exc_info[0]:
            event = {**event, "exception": self.formatException(record.exc_info)}
        return self._render(event)


def _of_library(record: logging.LogRecord) -> Event:
    """Without the request that Django attaches: its query string may hold a secret."""
    extra = {name: value for name, value in vars(record).items() if name not in OF_EVERY_RECORD}
    extra.pop("request", None)
    event = {"event": record.getMessage(), **extra}
    return _completed(event, record.name, record.levelno)


def _completed(event: Event, logger: str, level: int) -> Event:
    """With what every line has. A field that was bound is not said twice; the line's own wins."""
    whole: Event = {
        **_bound.get(),
        **event,
        "logger": logger,
        "level": logging.getLevelName(level).lower(),
        "service": _service,
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
    }
    for name, value in whole.items():
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            whole[name] = value[:LONGEST_TEXT]
    return whole


def _readable(event: Event) -> str:
    """As people read it; what a client made us say cannot move their cursor."""
    traceback = event.get("exception")
    others = " ".join(
        f"{name}={_spelt(value)}"
        for name, value in event.items()
        if name not in IN_FRONT and name != "exception"
    )
    text = event["event"] if event["event"].isprintable() else repr(event["event"])
    line = f"{event['timestamp']} [{event['level']:8}] {text:30} [{event['logger']}] {others}"
    return f"{line}\n{traceback}" if traceback else line


def _spelt(value: object) -> str:
    """A member of an enumeration of texts is its text, as in JSON."""
    return str.__repr__(value) if isinstance(value, str) else repr(value)
