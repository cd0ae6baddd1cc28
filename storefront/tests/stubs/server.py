"""A stand-in for a service at the HTTP transport: real sockets, answers from a table, faults.

service = Stub(answer)      answer(Request) -> Reply
service.fault = "dead"      refuses connections (it hangs up before reading)
service.fault = "slow"      does not answer while a page waits
service.fault = "wrong"     answers 200 with JSON of another shape
service.fault = "broken"    answers 500
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PATIENCE_SECONDS = 60.0  # until an answer has come, on a machine as busy as it likes
SLOW_SECONDS = 2 * PATIENCE_SECONDS


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    json: Any


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None
    content_type: str = "application/json"


def problem(status: int, code: str, **extra: Any) -> Reply:
    body = {
        "type": f"/errors/{code}",
        "title": code.replace("_", " "),
        "status": status,
        "detail": f"The stub says {code}.",
        "instance": "/",
        "code": code,
        "request_id": "stub",
        "errors": [],
        **extra,
    }
    return Reply(status, body, content_type="application/problem+json")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # a connection that finds it full is tried again a second later


class Stub:
    """One service on a port of its own."""

    def __init__(self, answer: Callable[[Request], Reply], port: int = 0) -> None:
        self.fault = ""
        self.requests: list[Request] = []
        self.exchanges: list[tuple[Request, Reply]] = []  # those without a fault
        self.release = threading.Event()  # lets the slow answers go
        self.answer = answer
        self._server = Server(("127.0.0.1", port), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True).start()

    def close(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def reply(self, request: Request) -> Reply | None:
        """What goes over the wire; None hangs up."""
        self.requests.append(request)
        match self.fault:
            case "dead":
                return None
            case "slow":
                self.release.wait(SLOW_SECONDS)
                return Reply(504)
            case "wrong":
                return Reply(200, {"items": [{"unexpected": True}], "lines": 7})
            case "broken":
                return problem(500, "internal_error")
            case _:
                reply = self.answer(request)
                self.exchanges.append((request, reply))
                return reply

    def _handler(stub) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet: no wait for an acknowledgement

            def handle_any(self) -> None:
                address = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                params = {name: values[0] for name, values in parse_qs(address.query).items()}
                request = Request(
                    self.command,
                    address.path,
                    params,
                    dict(self.headers.items()),
                    json.loads(raw) if raw else None,
                )
                reply = stub.reply(request)
                if reply is None:
                    self.close_connection = True
                    return
                self._send(reply)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

            def _send(self, reply: Reply) -> None:
                content = reply.content
                if content is None:
                    content = b"" if reply.body is None else json.dumps(reply.body).encode()
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.content_type)
                self.send_header("Content-Length", str(len(content)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Quiet."""

        return Handler
