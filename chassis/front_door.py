"""gunicorn's threaded worker with a front door: a connection costs no thread until it is whole.

One loop reads requests and sends answers, and never blocks on a client; threads only run views.

    accept -> head -> body -> a thread answers -> answer -> idle -> head ...
               5 s    10 s                         10 s  \\  keepalive
                                                          `-> close, 1 s

Each step has a deadline, which trickled bytes do not extend; a body or an answer has longer when
it is large. When there are more connections or bytes than fit, those that wait longest are closed.
A whole request gets 503 if memory has no room for it beside those that wait for a thread.
With one thread the loop answers by itself: handing over costs more than the answer of a service
that waits for nobody. Forms with files are handled in a thread, because decoding their files is
slow.
It speaks plain HTTP/1; TLS ends before it.

It uses gunicorn's internals, so pyproject.toml pins the version; chassis/tests/test_front_door.py
says what to look at when that changes.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from chassis.connection import Connection, LengthRequired
from chassis.metrics.connections import DROPPED, WAITING

HEAD_SECONDS = 5.0
BODY_SECONDS = 10.0
ANSWER_SECONDS = 10.0
CLOSE_SECONDS = 1.0
SLOWEST = 16 * 1024  # bytes a second that a large body or answer must come to
SWEEP_SECONDS = 0.25  # how exact deadlines are
HELD_BYTES = 16 * 1024 * 1024  # of all waiting clients of a worker
WHOLE_BYTES = 8 * 1024 * 1024  # of requests that have, or wait for, a thread of a worker
SMALL = 8 * 1024  # bytes of a request that has room nevertheless: 1,000 of them are as much again
UPLOAD_BYTES = 32 * 1024 * 1024  # in files of a worker: bodies that are too large for memory
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
PASSING = {errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED}


class FrontDoorWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting: dict[Connection, None] = {}  # since when they wait, the oldest first
        self.held = self.whole = 0  # bytes of those who wait, and of those with a thread
        self._sweep_at = 0.0

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        if cfg.is_ssl or cfg.http2_cleartext != "off" or cfg.proxy_protocol != "off":
            raise RuntimeError(
                "The front door speaks plain HTTP/1: take certfile, keyfile, http2_cleartext and "
                "proxy_protocol out of gunicorn's settings and let a proxy end TLS."
            )

    # What ThreadWorker's own loop calls.

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in EXHAUSTED:
                self._push_out_oldest("full")
            elif error.errno not in PASSING:
                raise
            return
        client.settimeout(0.0)
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._push_out_oldest("full")
        self._try(self._receive, Connection(client, address, listener.getsockname()))

    def enqueue_req(self, conn: Connection) -> None:
        conn.keeps = False  # until `handle` says so
        if self.cfg.threads > 1 or conn.has_files:
            super().enqueue_req(conn)
        else:
            self.handle(conn)
            self._answered(conn)

    def handle(self, conn: Connection) -> None:
        """In a thread: answer, and send what the client takes at once."""
        try:
            conn.keeps = self.handle_request(conn.request, conn)
        except StopIteration:
            pass  # half of the answer was sent; the error is in the log
        except OSError:
            self.log.exception("Socket error processing request.")
        except Exception as error:  # noqa: BLE001 - whatever a view raises, as gunicorn has it
            self.handle_error(conn.request, conn.sock, conn.client, error)
        with suppress(OSError):  # the loop meets it again
            conn.sock.flush(conn.socket)

    def finish_request(self, conn: Connection, fs: Future[None]) -> None:
        self._try(self._answered, conn)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        super().wait_for_and_dispatch_events(SWEEP_SECONDS if self.waiting else timeout)

    def murder_keepalived(self, force: bool = False) -> None:
        now = time.monotonic()
        if now < self._sweep_at and not force:
            return
        self._sweep_at = now + SWEEP_SECONDS
        WAITING.set(len(self.waiting))
        for conn in [each for each in self.waiting if force or each.deadline <= now]:
            if conn.waits_for:  # or one before it has pushed it out
                self._try(self._expire, conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """The worker stops: whoever has sent nothing of a request goes soon."""
        for conn in self.waiting:
            if conn.waits_for in ("idle", "head") and not conn.received:
                conn.deadline = min(conn.deadline, deadline)

    # The steps of a connection.

    def _on_event(self, conn: Connection, _: socket.socket) -> None:
        if conn.waits_for:  # or an event of the same turn has ended its waiting
            steps = {"answer": self._send, "close": self._drain}
            self._try(steps.get(conn.waits_for, self._receive), conn)

    def _try(self, step: Callable[[Connection], None], conn: Connection) -> None:
        """One connection may be lost to a bug; the others have to go on."""
        try:
            step(conn)
        except Exception:
            self.log.exception("A connection was lost that waited for %r", conn.waits_for)
            self._close(conn)

    def _receive(self, conn: Connection) -> None:
        data = conn.read()
        if data == b"":
            self._close(conn)
            return
        conn.received += data or b""
        self._proceed(conn)

    def _proceed(self, conn: Connection) -> None:
        """To a thread with a request that is whole; otherwise on with waiting for the rest."""
        if conn.request is None and not self._has_head(conn):
            return
        try:
            is_whole = conn.has_body()
        except OSError as error:
            self.log.error("No room for a body of %d bytes: %s", conn.length, error)
            self._close(conn)
            return
        if not is_whole:
            self._wait_for_body(conn)
            return
        self._leave(conn)
        conn.request._expected_100_continue = False
        conn.complete()
        if conn.held > SMALL and conn.held + self.whole > WHOLE_BYTES:
            DROPPED.labels("memory").inc()
            self._refuse(conn, 503, "Service Unavailable", "Send this again in a moment.")
            return
        conn.counted = conn.held
        self.whole += conn.counted
        self.enqueue_req(conn)

    def _has_head(self, conn: Connection) -> bool:
        try:
            if conn.read_head(self.cfg):
                return True
            self._wait(conn, "head", HEAD_SECONDS)
        except LengthRequired:
            self._refuse(conn, 411, "Length Required", "Send the body with a Content-Length.")
        except Exception as error:  # noqa: BLE001 - whatever the parser meets, the loop goes on
            self.handle_error(None, conn.sock, conn.client, error)
            self._dismiss(conn)
        return False

    def _wait_for_body(self, conn: Connection) -> None:
        if conn.is_upload and conn.waits_for != "body":
            self._make_room(conn)
        if conn.request._expected_100_continue:
            conn.request._expected_100_continue = False
            with suppress(OSError):  # of a client that is gone, which reading tells
                conn.socket.send(CONTINUE)
        self._wait(conn, "body", max(BODY_SECONDS, conn.length / SLOWEST))

    def _make_room(self, conn: Connection) -> None:
        uploads = [each for each in self.waiting if each.is_upload and each is not conn]
        promised = conn.length + sum(each.length for each in uploads)
        for oldest in uploads:
            if promised <= UPLOAD_BYTES:
                break
            promised -= oldest.length
            self._push_out(oldest, "full")

    def _answered(self, conn: Connection) -> None:
        self.whole -= conn.counted
        conn.counted = 0
        conn.forget_request()
        self._send(conn)

    def _send(self, conn: Connection) -> None:
        try:
            conn.sock.flush(conn.socket)
        except OSError:
            self._close(conn)
            return
        if left := len(conn.sock):
            self._wait(conn, "answer", max(ANSWER_SECONDS, left / SLOWEST))
        elif not conn.keeps:
            self._drain(conn)
        elif conn.received:  # it did not wait for the answer; by the queue, or this could recurse
            self._wait(conn, "head", HEAD_SECONDS)
            self.method_queue.defer(self._try, self._take_next, conn)
        else:
            seconds = self.cfg.keepalive if self.alive else STOP_KEEPALIVE_LINGER
            self._wait(conn, "idle", seconds)

    def _take_next(self, conn: Connection) -> None:
        if conn.waits_for == "head":
            self._proceed(conn)

    def _refuse(self, conn: Connection, status: int, reason: str, text: str) -> None:
        util.write_error(conn.sock, status, reason, text)
        self._dismiss(conn)

    def _dismiss(self, conn: Connection) -> None:
        conn.forget_request()
        conn.received.clear()
        conn.keeps = conn.is_whole = False
        self._send(conn)

    def _drain(self, conn: Connection) -> None:
        """Close without cutting the answer: a reset would, if something sent were left unread."""
        more = conn.read()
        if more == b"" or (more is None and conn.is_whole and not conn.received):
            self._close(conn)
            return
        conn.is_whole = False
        if conn.waits_for != "close":
            with suppress(OSError):
                conn.socket.shutdown(socket.SHUT_WR)
        self._wait(conn, "close", CLOSE_SECONDS)

    def _expire(self, conn: Connection) -> None:
        if conn.waits_for == "answer":
            self._push_out(conn, "deadline")
        elif conn.waits_for in ("head", "body") and (conn.received or conn.request):
            DROPPED.labels("deadline").inc()
            self._refuse(conn, 408, "Request Timeout", "The request did not arrive in time.")
        else:
            self._close(conn)

    def _push_out_oldest(self, why: str) -> None:
        if self.waiting:
            self._push_out(next(iter(self.waiting)), why)

    def _push_out(self, conn: Connection, why: str) -> None:
        DROPPED.labels(why).inc()
        self._close(conn)

    # Waiting.

    def _wait(self, conn: Connection, what: str, seconds: float) -> None:
        """Wait for the next step; a wait that goes on keeps its place and its deadline."""
        if conn.waits_for != what:
            self._leave(conn)
            event = EVENT_WRITE if what == "answer" else EVENT_READ
            self.poller.register(conn.socket, event, partial(self._on_event, conn))
            conn.waits_for, conn.deadline = what, time.monotonic() + seconds
            self.waiting[conn] = None
        self.held += conn.held - conn.counted
        conn.counted = conn.held
        while self.held > HELD_BYTES:
            self._push_out(next(each for each in self.waiting if each.counted), "memory")

    def _leave(self, conn: Connection) -> None:
        if conn.waits_for:
            self.poller.unregister(conn.socket)
            del self.waiting[conn]
            self.held -= conn.counted
            conn.waits_for, conn.counted = "", 0

    def _close(self, conn: Connection) -> None:
        if conn.socket.fileno() < 0:
            return
        self._leave(conn)
        conn.forget_request()
        self.nr_conns -= 1
        util.close(conn.socket)
