"""One process that has imported what the shop's programs share; each of them begins as its copy.

Django, Celery and the like are 70 MiB and a second of CPU a program; copies share the memory and
skip the second. Only libraries are imported: settings and the shop's own code come in the copy.
For Linux; elsewhere, and in an image, a program is started as itself.

Who asks for a program becomes the parent of its copy, as if it had started it:

    this process     forks a child, which forks the copy and ends
    the copy         falls to its asker, which is the reaper of orphans until it has its answer;
                     tells its pid, leads a session, and goes on as `python ARGUMENTS`

Requests are lines of JSON on the standard input, a socket, see `deploy.local.copies`.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import runpy
import sys
import time
from pathlib import Path
from typing import Any

# None of them may read settings or PROMETHEUS_MULTIPROC_DIR when it is imported.
SHARED = (
    "celery.app.amqp",
    "celery.app.task",
    "django.contrib.admin.options",
    "django.contrib.staticfiles.storage",
    "django.core.wsgi",
    "django.db.backends.postgresql.base",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "iso4217",
    "jwt",
    "kombu.transport.redis",
    "orjson",
    "pydantic.dataclasses",
    "pydantic.json_schema",
    "redis",
    "requests",
    "uuid_utils.compat",
    "wsgiref.simple_server",
)
REFUSAL = b"0\n"  # instead of a pid
ADOPTION_SECONDS = 10.0
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15  # linux/prctl.h
NAME_BYTES = 15
ARGUMENTS_START, ARGUMENTS_END = 45, 46  # in /proc/PID/stat behind the name, see proc(5)


def main() -> None:
    """Until whoever started it is gone."""
    for name in SHARED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a collection would write to what the copies share
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            if os.fork():
                os._exit(0)
            _be(json.loads(line))
            return
        if os.waitpid(child, 0)[1]:
            os.write(0, REFUSAL)


def _be(wanted: dict[str, Any]) -> None:
    """Go on as the program that is wanted, with what a new process would have had."""
    deadline = time.monotonic() + ADOPTION_SECONDS
    while os.getppid() != wanted["parent"]:
        if time.monotonic() > deadline:
            os.write(0, REFUSAL)
            os._exit(1)
        time.sleep(0.0005)
    os.setsid()
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_PDEATHSIG, wanted["stop_signal"])
    os.write(0, b"%d\n" % os.getpid())
    nowhere = os.open(os.devnull, os.O_RDONLY)
    log = os.open(wanted["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for ours, standard in ((nowhere, 0), (log, 1), (log, 2)):
        os.dup2(ours, standard)
    os.close(nowhere)
    os.close(log)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    arguments = wanted["command"][1:]
    prctl(PR_SET_NAME, wanted["name"].encode()[:NAME_BYTES])
    _show([sys.executable, *arguments])
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


def _show(command: list[str]) -> None:
    """Have `ps` show this command: write it over the arguments, which end in room for it."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[ARGUMENTS_START]), int(fields[ARGUMENTS_END])
    shown = "\0".join(command).encode()[: end - start - 1]
    ctypes.memmove(start, shown.ljust(end - start, b"\0"), end - start)


if __name__ == "__main__":
    main()
