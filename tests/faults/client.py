"""A small HTTP/1.1 client over asyncio: one kept connection, one request at a time.

It is cheap enough to be the load of a benchmark and strict about time: a request that is not
answered within its time-out raises `NoAnswer`, and its connection is thrown away.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class NoAnswer(Exception):
    """Nothing usable came back: refused, reset, cut off or too late."""


@dataclass(frozen=True)
class Answer:
    """What came back, and when the request had been sent and answered (time.monotonic())."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    content: bytes
    sent_at: float
    answered_at: float
    cookies: Mapping[str, str] = field(default_factory=dict)  # those that it sets

    @property
    def body(self) -> Any:
        return json.loads(self.content)

    @property
    def seconds(self) -> float:
        return self.answered_at - self.sent_at


class Client:
    """One connection to one server, opened when needed."""

    def __init__(self, url: str, *, timeout_seconds: float = 10.0) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._timeout_seconds = timeout_seconds
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(
        self,
        method: str,
        path: str,
        *,
        json_body: object = None,
        text: str = "",
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float | None = None,
    ) -> Answer:
        """The answer, whatever its status. Raises NoAnswer."""
        limit = timeout_seconds or self._timeout_seconds
        body = text if json_body is None else json.dumps(json_body)
        if form is not None:
            body, headers = urlencode(form), {**FORM, **(headers or {})}
        try:
            async with asyncio.timeout(limit):
                return await self._exchange(method, path, body.encode(), headers or {})
        except (OSError, EOFError, ValueError) as error:  # TimeoutError is an OSError
            self.close()
            raise NoAnswer(f"{method} {path}: {type(error).__name__} {error}") from None
        except BaseException:
            self.close()
            raise

    async def connect(self) -> None:
        """Open the connection now rather than with the first request."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _exchange(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        await self.connect()
        assert self._streams
        reader, writer = self._streams
        sent_at = time.monotonic()
        writer.write(self._encode(method, path, body, headers))
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        found, cookies = _headers(head[1:])
        content = await _read_body(reader, found)
        if found.get("connection", "").lower() == "close":
            self.close()
        status, answered_at = int(head[0].split(" ", 2)[1]), time.monotonic()
        return Answer(status, found, content, sent_at, answered_at, cookies)

    def _encode(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}:{self._port}"]
        if body or method != "GET":
            lines += [f"Content-Length: {len(body)}"]
            headers = {"Content-Type": "application/json", **headers}
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + body


def _headers(lines: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Headers by name, and the cookies to keep by name ("" for one to forget)."""
    headers, cookies = {}, {}
    for line in filter(None, lines):
        name, _, value = (part.strip() for part in line.partition(":"))
        headers[name.lower()] = value
        if name.lower() == "set-cookie":
            cookie, _, content = value.partition(";")[0].partition("=")
            cookies[cookie] = content.strip('"')
    return headers, cookies


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    content = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        content += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return content


class Tokens:
    """Signs the service tokens that the storefront would sign for a shopper."""

    def __init__(self, private_key: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(
            base64.urlsafe_b64decode(private_key + "=")  # 32 bytes without their padding
        )

    def headers(self, subject: str) -> dict[str, str]:
        now = int(time.time())
        claims = {"iss": "storefront", "aud": "order_service", "sub": subject, "scope": "orders"}
        times = {"iat": now, "exp": now + 60, "jti": uuid.uuid4().hex}
        return {"Authorization": f"Bearer {jwt.encode({**claims, **times}, self._key, 'EdDSA')}"}
