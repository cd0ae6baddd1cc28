"""What a process inherits from whoever started it, put right before it does any harm.

nohup, `&`, cron    ignored and blocked signals, which a child cannot trap
<&-, >&-            closed standard streams, whose numbers the next open files would get
a company's shell   proxies, which loopback must not go through; another encoding; libpq's
                    variables, which mean somebody else's database
"""

from __future__ import annotations

import io
import os
import signal
import sys

LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Read by Python at its start, or by git wherever it is: what they say was meant for others.
STRANGE = ("PYTHONWARNINGS", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")


def open_streams() -> None:
    """Lead a closed standard stream nowhere, and write what an old encoding lacks as "?"."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)  # the lowest number is free: it gets this one
            os.set_inheritable(nowhere, True)  # noqa: FBT003 - it has no keyword
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def set_variables() -> None:
    """For this process and those that it starts."""
    for name in STRANGE:
        os.environ.pop(name, None)
    os.environ["PYTHONUTF8"] = "1"  # of files and streams, whatever LANG is
    for name in ("no_proxy", "NO_PROXY"):
        listed = [each for each in os.environ.get(name, "").split(",") if each.strip()]
        more = (each for each in LOOPBACK if each not in listed)
        os.environ[name] = ",".join((*listed, *more))


def forget_databases() -> None:
    """Of libpq's variables, which would change the way to our own server."""
    for name in [each for each in os.environ if each.startswith("PG")]:
        del os.environ[name]


def take_signals() -> None:
    """Have signals as a program expects them, but SIGHUP, which nohup ignores for good."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGCHLD):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def reset_signals() -> None:
    """Between fork and exec."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
