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
import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

import structlog
from structlog.stdlib import BoundLogger
from structlog.typing import EventDict, WrappedLogger

LONGEST_TEXT = 500  # characters of a field or message
LONGEST_REASON = 200  # characters of what a client made us say; each is ASCII
REQUEST_ID_SHAPE = re.compile(r"[A-Za-z0-9._-]{8,64}")

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def get_logger(name: str) -> BoundLogger:
    logger: BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def bind(**fields: object) -> None:
    """Add `fields` to every later log line of this request, task or turn."""
    structlog.contextvars.bind_contextvars(**fields)


def clear() -> None:
    """Forget all bound fields and the request id; called at the start of each unit of work."""
    structlog.contextvars.clear_contextvars()
    _request_id.set("")


def note_refusal(kind: str, reason: str) -> None:
    """Tell the access log why this request is refused."""
    typed = reason.encode("unicode_escape").decode("ascii")
    bind(refused=kind, reason=typed[:LONGEST_REASON])


def is_refused() -> bool:
    return "refused" in structlog.contextvars.get_contextvars()


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
    return _request_id.get()


def set_request_id(candidate: str | None) -> str:
    """Take over `candidate` if it has the shape of a request id, otherwise mint one; bind it."""
    found = REQUEST_ID_SHAPE.fullmatch(candidate or "")
    chosen = found[0] if found else secrets.token_hex(12)
    _request_id.set(chosen)
    bind(request_id=chosen)
    return chosen


def configuration(*, level: str, as_json: bool, service: str) -> dict[str, Any]:
    """Django's LOGGING for one service; also configures structlog for direct use."""
    # Django sets TZ to the shop's zone; logs of gunicorn and libraries stay in UTC as well.
    logging.Formatter.converter = time.gmtime
    _note_less()
    shared = _processors(service)
    _configure_structlog(shared)
    finish: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        encode = json.JSONEncoder(default=repr).encode
        render = structlog.processors.JSONRenderer(serializer=lambda event, **_: encode(event))
        finish += [structlog.processors.format_exc_info, render]
    else:
        finish.append(structlog.dev.ConsoleRenderer(colors=False))
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": finish,
                "foreign_pre_chain": shared,
            }
        },
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


def _configure_structlog(shared: list[Any]) -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _processors(service: str) -> list[Any]:
    def tidy(_: WrappedLogger, __: str, event: EventDict) -> Mapping[str, Any]:
        """Without the request that Django attaches: its query string may hold a secret."""
        event.pop("request", None)
        event.setdefault("service", service)
        for name, value in event.items():
            if isinstance(value, str):
                event[name] = value[:LONGEST_TEXT]
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        tidy,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
