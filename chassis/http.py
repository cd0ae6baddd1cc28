"""Calls to another service: pooled connections, one deadline, safe retries, a breaker.

    UpstreamError
    |-- Refused        the service said no (4xx): do not repeat, say why
    `-- Unavailable    no answer, or a 5xx: the outcome may be unknown, repeating may help

The deadline covers everything, retries included. A call is repeated once: after a connect error
(nothing was sent), and after a lost connection if repeating is safe (GET, PUT, DELETE, anything
with an Idempotency-Key, or `retry_safe=True`). A timeout is never repeated here: the deadline is
spent. Each attempt carries the time at which it was sent, so that the callee can tell how long it
waited there. Tests speak to it over real sockets.

There is no requests.Session: no cookie is kept, no redirect followed, and what a session looks up
for each call costs a sixth of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlencode

import orjson
import requests
from prometheus_client import Counter, Histogram
from urllib3.exceptions import HTTPError, NewConnectionError

from chassis import logs
from chassis.breaker import Breaker
from chassis.metrics.http import REQUEST_START
from chassis.pool import PooledAdapter

log = logs.get_logger(__name__)

# Histograms by outcome are not born before their first call: all of them would be 1,500 series.
SECONDS = Histogram(
    "techcommerce_upstream_request_seconds",
    "Calls, repeats included, one for many orders counted once;"
    " outcome: ok, 4xx, 5xx, timeout, connect, open.",
    ["upstream", "operation", "outcome"],
    buckets=[0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10],
)
RETRIES = Counter(
    "techcommerce_upstream_retries_total", "Calls that were repeated.", ["upstream", "operation"]
)

SAFE_METHODS = frozenset({"GET", "HEAD", "PUT", "DELETE"})
CONNECT_SECONDS = 1.0
URL_CHARACTERS = "!#$%&'()*+,/:;=?@[]~"  # besides letters and digits; RFC 3986
CHUNK_BYTES = 65536

Reason = Literal["connect", "timeout", "reset", "5xx", "malformed", "open"]
# A reason as metrics tell it: nobody there, or nothing that could be understood.
OUTCOMES = {"reset": "connect", "malformed": "5xx"}


class UpstreamError(Exception):
    """A call to `upstream` did not give a usable answer."""

    def __init__(self, upstream: str, text: str, outcome: str) -> None:
        super().__init__(f"{upstream}: {text}")
        self.upstream = upstream
        self.outcome = outcome


class Refused(UpstreamError):
    """A 4xx answer, as the service's problem details tell it."""

    def __init__(self, upstream: str, answer: Answer) -> None:
        self.status = answer.status
        self.body: dict[str, Any] = answer.body if isinstance(answer.body, dict) else {}
        self.code = str(self.body.get("code", f"http_{answer.status}"))
        self.title = str(self.body.get("title", ""))
        self.detail = str(self.body.get("detail", ""))
        self.errors: list[dict[str, Any]] = list(self.body.get("errors") or [])
        self.retry_after = answer.retry_after
        super().__init__(upstream, f"{self.status} {self.code}", outcome="4xx")


class Unavailable(UpstreamError):
    """No usable answer. `never_sent` is True only if the service cannot have seen the request."""

    def __init__(self, upstream: str, reason: Reason, retry_after: float | None = None) -> None:
        super().__init__(upstream, reason, OUTCOMES.get(reason, reason))
        self.reason: Reason = reason
        self.retry_after = retry_after

    @property
    def never_sent(self) -> bool:
        return self.reason in {"connect", "open"}

    @property
    def timed_out(self) -> bool:
        return self.reason == "timeout"


@dataclass(frozen=True)
class Answer:
    """A finished answer; `body` is the decoded JSON, or None where there is none."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    body: Any = None

    @property
    def retry_after(self) -> float | None:
        value = self.headers.get("Retry-After", "")
        return float(value) if value.isdigit() else None


class ServiceClient:
    """The client of one upstream service; make one a process, it is safe to share by threads.

    `token` gets the subject of a call and gives the bearer token to send with it.
    """

    def __init__(
        self,
        *,
        upstream: str,
        base_url: str,
        deadline_seconds: float,
        token: Callable[[str], str] | None = None,
        pool_size: int = 32,
    ) -> None:
        self.upstream = upstream
        self._base_url = base_url.rstrip("/")
        self._deadline_seconds = deadline_seconds
        self._token = token
        self._breaker = Breaker(upstream)
        self._adapter = PooledAdapter(base_url, pool_size)

    def call(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        subject: str | None = None,
        json: object = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_seconds: float | None = None,
        retry_safe: bool | None = None,
    ) -> Answer:
        """One answer (2xx or 304) within the deadline. Raises Refused or Unavailable."""
        began = time.monotonic()
        deadline = began + (deadline_seconds or self._deadline_seconds)
        sent = self._headers(headers, subject, json)
        if retry_safe is None:
            retry_safe = method in SAFE_METHODS or "Idempotency-Key" in sent
        request = _prepared(method, self._base_url + path, params, sent, json)
        outcome = "ok"
        try:
            return self._answer(request, deadline, operation, retry_safe=retry_safe)
        except UpstreamError as error:
            outcome = error.outcome
            raise
        finally:
            seconds = SECONDS.labels(self.upstream, operation, outcome)
            seconds.observe(time.monotonic() - began)

    def _answer(
        self,
        request: requests.PreparedRequest,
        deadline: float,
        operation: str,
        *,
        retry_safe: bool,
    ) -> Answer:
        """That of the first attempt, or of the second where repeating is safe and helps."""
        retries = RETRIES.labels(self.upstream, operation)
        first: Unavailable | None = None
        while True:
            try:
                answer = self._attempt(request, deadline)
                break
            except Unavailable as error:
                is_over = first is not None or time.monotonic() >= deadline
                helps = error.reason == "connect" or (error.reason == "reset" and retry_safe)
                if helps and not is_over:
                    retries.inc()
                    first = error
                    continue
                log.warning(
                    "upstream unavailable",
                    upstream=self.upstream,
                    operation=operation,
                    reason=error.reason,
                    cause=str(error.__cause__ or ""),
                )
                if first is not None and error.never_sent:
                    raise first from error  # what the first attempt may have done counts
                raise
        if answer.status >= 400:
            raise Refused(self.upstream, answer)
        return answer

    def _attempt(self, request: requests.PreparedRequest, deadline: float) -> Answer:
        if not self._breaker.allows():
            raise Unavailable(self.upstream, "open")
        try:
            answer = self._send(request, deadline)
        except (requests.RequestException, HTTPError) as error:
            self._breaker.failed()
            raise Unavailable(self.upstream, _reason(error)) from error
        if answer.status >= 500 and not _says_why(answer):
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        if answer.status >= 500:
            raise Unavailable(self.upstream, "5xx", answer.retry_after)
        return answer

    def _send(self, request: requests.PreparedRequest, deadline: float) -> Answer:
        remaining = max(deadline - time.monotonic(), 0.001)
        request.headers[REQUEST_START] = f"{time.time():.6f}"
        timeout = (min(CONNECT_SECONDS, remaining), remaining)
        response = self._adapter.send(request, stream=True, timeout=timeout)
        with response:
            content = _read(response, deadline)
        return Answer(response.status_code, response.headers, content, _decode(response, content))

    def _headers(
        self, extra: Mapping[str, str] | None, subject: str | None, json: object
    ) -> dict[str, str]:
        headers = {"Accept": "application/json", **(extra or {})}
        if request_id := logs.request_id():
            headers["X-Request-ID"] = request_id
        if json is not None:
            headers["Content-Type"] = "application/json"
        if self._token is not None and subject is not None:
            headers["Authorization"] = f"Bearer {self._token(subject)}"
        return headers


def _prepared(
    method: str,
    url: str,
    params: Mapping[str, Any] | None,
    headers: Mapping[str, str],
    json: object,
) -> requests.PreparedRequest:
    """What requests would prepare of these. A header that is wrong is our bug: ValueError."""
    request = requests.PreparedRequest()
    request.method = method
    request.url = quote(url, URL_CHARACTERS) + (
        f"?{urlencode(params, doseq=True)}" if params else ""
    )
    request.prepare_headers(headers)
    if json is not None:
        request.body = orjson.dumps(json)
    request.prepare_content_length(request.body)
    return request


def _says_why(answer: Answer) -> bool:
    """An honest 503: something behind the service is away, and the service itself is not."""
    return answer.status == 503 and isinstance(answer.body, dict) and "code" in answer.body


def _read(response: requests.Response, deadline: float) -> bytes:
    chunks = []
    while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
        chunks.append(chunk)
        if time.monotonic() > deadline:
            raise requests.ReadTimeout("the answer arrived too slowly")
    return b"".join(chunks)


def _decode(response: requests.Response, content: bytes) -> Any:
    if not content or "json" not in response.headers.get("Content-Type", ""):
        return None
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise requests.exceptions.InvalidJSONError(str(error)) from error


def _reason(error: Exception) -> Reason:
    if isinstance(error, requests.exceptions.InvalidJSONError):
        return "malformed"
    if isinstance(error, requests.ConnectTimeout) or _refused(error):
        return "connect"
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return "timeout"
    return "reset"


def _refused(error: Exception) -> bool:
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(cause, NewConnectionError)
