"""An HTTP line to a provider that loses calls, or the answers to them, while it is told to."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP = {"connection", "content-length", "transfer-encoding"}


class Line(ThreadingHTTPServer):
    """Forwards to the port of a provider. `lose` is "before" for calls, "after" for answers."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), Forwarder)
        self.to = port
        self.lose = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Forwarder(BaseHTTPRequestHandler):
    server: Line
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._forward()

    def do_POST(self) -> None:
        self._forward()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base names it)
        """Quiet."""

    def _forward(self) -> None:
        lose = self.server.lose
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.close_connection = True
        if lose == "before":
            return
        bank = http.client.HTTPConnection("127.0.0.1", self.server.to, timeout=10)
        bank.request(self.command, self.path, body, dict(self.headers))
        answer = bank.getresponse()
        content = answer.read()
        bank.close()
        if lose == "after":
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def line_to(port: int) -> Iterator[Line]:
    line = Line(port)
    threading.Thread(target=line.serve_forever, args=(0.02,), daemon=True).start()
    yield line
    line.shutdown()
    line.server_close()
