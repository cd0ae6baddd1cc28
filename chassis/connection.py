"""One client of the front door: what it has sent so far, and the answer that it has yet to take."""

from __future__ import annotations

import io
import re
import socket
import tempfile
from typing import IO, Any

from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import InvalidRequestLine, LimitRequestHeaders, NoMoreData
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader
from gunicorn.util import unquote_to_wsgi_str

from chassis.body_limits import DEFAULT_BODY_LIMIT, body_limit

CHUNK = 64 * 1024  # bytes read at once
LONGEST_HEAD = 64 * 1024  # bytes
IN_MEMORY = DEFAULT_BODY_LIMIT  # a larger body waits in a temporary file
HEAD_END = re.compile(rb"\r?\n\r?\n")  # with a bare LF as well: the parser refuses it at once


class LengthRequired(Exception):
    """The body comes in chunks: its size is not known beforehand."""


class Answer:
    """What gunicorn takes for the socket: it keeps the answer, which the front door then sends."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def sendall(self, data: bytes) -> None:
        self._parts.append(data)

    def sendfile(self, file: IO[bytes], offset: int, count: int) -> None:
        file.seek(offset)
        self._parts.append(file.read(count))

    def flush(self, client: socket.socket) -> None:
        """Send what the client takes without waiting. Raises OSError when it is gone."""
        data = b"".join(self._parts)
        try:
            sent = client.send(data) if data else 0
        except BlockingIOError:
            sent = 0
        self._parts = [data[sent:]] if sent < len(data) else []

    def gettimeout(self) -> float:
        return 0.0

    def shutdown(self, how: int) -> None:
        """What gunicorn would close because of a bug in a view, the front door closes itself."""
        raise OSError

    def close(self) -> None:
        """See `shutdown`."""


class Connection:
    """A client's socket. `request` is there as soon as its head is, and `length` is its body's."""

    def __init__(self, client_socket: socket.socket, client: Any, server: Any) -> None:
        self.socket, self.client, self.server = client_socket, client, server
        self.sock = Answer()
        self.received = bytearray()
        self.request: Any = None  # a gunicorn Request
        self.length = 0
        self.waits_for = ""  # "" while a thread has it
        self.deadline = 0.0
        self.counted = 0  # bytes that the worker counts as held
        self.taken = 0  # bytes in memory of what `request` has got so far
        self.is_whole = False  # nothing that was sent is left unread
        self.keeps = False
        self._file: IO[bytes] | None = None
        self._searched = self._requests = 0

    @property
    def held(self) -> int:
        """Bytes in memory."""
        return len(self.received) + self.taken + len(self.sock)

    @property
    def is_upload(self) -> bool:
        return self._file is not None

    @property
    def has_files(self) -> bool:
        """Whether its request is a form that may hold files."""
        headers = dict(self.request.headers)
        return str(headers.get("CONTENT-TYPE", "")).lower().startswith("multipart/")

    def read(self) -> bytes | None:
        """What is there: b"" once the client has ended its side or is gone, None before that."""
        try:
            return self.socket.recv(CHUNK)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def read_head(self, configuration: Any) -> bool:
        """Whether the head is here. Raises LengthRequired and what gunicorn's parser raises."""
        end = HEAD_END.search(self.received, self._searched)
        if end is None and not self._is_hopeless():
            self._searched = max(0, len(self.received) - 3)
            return False
        size = end.end() if end else len(self.received)
        request = self._parse(bytes(self.received[:size]), configuration)
        del self.received[:size]
        self._searched, self.taken = 0, size
        self._expect_body(request)
        self.request = request
        return True

    def has_body(self) -> bool:
        """Whether the whole body is here. Raises OSError when the disk takes no more of it."""
        if self._file is None:
            return len(self.received) >= self.length
        piece = self.received[: self.length - self._file.tell()]
        self._file.write(piece)
        del self.received[: len(piece)]
        return self._file.tell() == self.length

    def complete(self) -> None:
        """Give the request its body."""
        assert self.request
        if self._file is None:
            self.request.body = io.BytesIO(self.received[: self.length])
            del self.received[: self.length]
            self.taken += self.length
        else:
            self._file.seek(0)
            self.request.body = self._file

    def forget_request(self) -> None:
        if self._file:
            self._file.close()
        self.request = self._file = None
        self.taken = 0

    def _is_hopeless(self) -> bool:
        """Nothing that follows can make it a request: too long, or TLS."""
        first = bytes(self.received[:1])
        return len(self.received) > LONGEST_HEAD or not (first.isalpha() or first in b"\r\n")

    def _parse(self, head: bytes, configuration: Any) -> Request:
        self._requests += 1
        try:
            return Request(configuration, IterUnreader([head]), self.client, self._requests)
        except NoMoreData:
            if len(head) > LONGEST_HEAD:
                raise LimitRequestHeaders(f"the head is over {LONGEST_HEAD} bytes") from None
            raise InvalidRequestLine("this is not HTTP") from None

    def _expect_body(self, request: Request) -> None:
        """One over the limit stays unread: the application refuses it by its Content-Length."""
        if isinstance(request.body.reader, ChunkedReader):
            raise LengthRequired
        self.length, self.is_whole = request.body.reader.length, True
        if self.length <= IN_MEMORY:
            return
        if self.length > body_limit(unquote_to_wsgi_str(request.path)):
            self.length, self.is_whole = 0, False
            request.force_close()
            request._expected_100_continue = False
        else:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - forget_request closes it
