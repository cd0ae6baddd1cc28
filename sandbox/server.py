"""The sandbox payment provider over HTTP. JSON for the shop, two small pages for the shopper.

    POST /authorizations                 reserve money           Idempotency-Key
    POST /authorizations/{id}/capture    take it                 Idempotency-Key
    POST /authorizations/{id}/void       give it back            Idempotency-Key
    POST /authorizations/{id}/refunds    pay it back             Idempotency-Key
    GET  /authorizations/{id}            one, as it is now
    GET  /authorizations/{id}/refunds    its refunds, oldest first
    GET  /authorizations?open=1          all that hold or may hold money
    GET  /authorizations?reference=TC-ABCD2345&since=2026-07-31T02:17:00Z   those of an order
    GET  /refunds/{id}                   one, as it is now
    GET  /captures?since=2026-07-31T02:17:00Z   what was taken since then, oldest first
    GET  /keys/{key}                     what became of a call; 404 if it never arrived
    GET  /ledger                         every movement of money, oldest first
    GET, POST /confirm/{id}              the bank's page for the shopper
    GET  /health

The shop's calls carry `Authorization: Bearer <PAYMENT_PROVIDER_KEY>`; amounts are minor units.
It needs no Django and no settings, so the process starts in a fraction of a second.
"""

from __future__ import annotations

import hmac
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from chassis.hosts import is_ours
from sandbox import pages, wishes
from sandbox.ledger import Ledger, Outcome
from sandbox.refunds import Refunds
from sandbox.refusals import Refusal
from sandbox.tokens import TOKENS, Answering

SLOW_SECONDS = 2.0
SILENT_SECONDS = 8.0  # longer than any deadline of the shop
BODY_LIMIT = 16 * 1024


@dataclass(frozen=True)
class Configuration:
    """What the process is told by its environment."""

    key: str  # the shop's secret key
    public_url: str  # where a shopper's browser reaches the confirm page
    refund_seconds: float = 5.0  # how long a pending refund is pending


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], ledger: Ledger, config: Configuration) -> None:
        super().__init__(address, Handler)
        self.ledger = ledger
        self.refunds = Refunds(ledger, config.refund_seconds)
        self.config = config

    def server_bind(self) -> None:
        """Bind without HTTPServer's name look-up, which can take seconds on a machine offline."""
        TCPServer.server_bind(self)


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "SandboxBank/1"
    sys_version = ""
    timeout = 60  # an idle connection is let go
    wbufsize = -1  # one packet an answer ...
    disable_nagle_algorithm = True  # ... that leaves at once

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base names it)
        """Quiet: the shop logs each call already."""

    def do_GET(self) -> None:
        try:
            path, action = self._route()
            action(self, *path)
        except Refusal as refusal:
            self._json(refusal.status, {"code": refusal.code, "detail": refusal.detail})

    def do_POST(self) -> None:
        self.do_GET()

    def _route(self) -> tuple[tuple[str, ...], Action]:
        self._body = self._read_body()
        own = urlsplit(self.server.config.public_url).hostname or ""
        if not is_ours(self.headers.get("Host", ""), own):
            raise Refusal(421, "unknown_host", "This bank has another name.")
        path = urlsplit(self.path).path
        for wanted, pattern, action, is_public in ROUTES:
            match = pattern.fullmatch(path)
            if match is None or wanted != self.command:
                continue
            if not is_public:
                self._check_key()
            return tuple(unquote(part) for part in match.groups()), action
        raise Refusal(404, "not_found", "There is nothing here.")

    def _check_key(self) -> None:
        expected = f"Bearer {self.server.config.key}".encode()
        given = self.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(expected, given):
            raise Refusal(401, "wrong_key", "Send the secret key as a bearer token.")

    def _read_body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > BODY_LIMIT:
            self.close_connection = True
            raise Refusal(413, "body_too_large", f"Send at most {BODY_LIMIT} bytes.")
        return self.rfile.read(int(length))

    # What each address does.

    def health(self) -> None:
        self._json(200, {"status": "ok"})

    def authorize(self) -> None:
        wish = wishes.authorization(self._body)
        behaviour = TOKENS[wish["token"]]
        if behaviour.answering is Answering.SLOWLY:
            time.sleep(SLOW_SECONDS)
        outcome = self.server.ledger.authorize(key=wishes.key(self.headers), **wish)
        # What the first caller sees instead of an answer; the effect is already written.
        if outcome.is_new and behaviour.answering is Answering.NEVER:
            time.sleep(SILENT_SECONDS)
            self.close_connection = True
            return
        if outcome.is_new and behaviour.answering is Answering.WITH_500:
            raise Refusal(500, "internal_error", "Something broke at the bank.")
        self._json(200, self._as_json(outcome))

    def capture(self, authorization: str) -> None:
        amount = wishes.amount(wishes.json_body(self._body))
        outcome = self.server.ledger.capture(
            key=wishes.key(self.headers), authorization=authorization, amount=amount
        )
        self._json(200, self._as_json(outcome))

    def void(self, authorization: str) -> None:
        outcome = self.server.ledger.void(key=wishes.key(self.headers), authorization=authorization)
        self._json(200, self._as_json(outcome))

    def refund(self, authorization: str) -> None:
        amount = wishes.amount(wishes.json_body(self._body))
        key = wishes.key(self.headers)
        refund = self.server.refunds.refund(key=key, authorization=authorization, amount=amount)
        self._json(200, refund)

    def list_refunds(self, authorization: str) -> None:
        self._json(200, {"refunds": self.server.refunds.of(authorization)})

    def show_refund(self, refund: str) -> None:
        self._json(200, self.server.refunds.find(refund))

    def show(self, authorization: str) -> None:
        self._json(200, self._full(self.server.ledger.find(authorization)))

    def list_authorizations(self) -> None:
        asked = wishes.parameters(self.path)
        if "reference" in asked:
            since = wishes.since(asked)
            rows = self.server.ledger.authorizations_of(asked["reference"], since)
        elif asked.get("open") == "1":
            rows = self.server.ledger.open_authorizations()
        else:
            raise Refusal(400, "invalid_parameter", "Give ?open=1, or ?reference= and &since=.")
        self._json(200, {"authorizations": [self._full(row) for row in rows]})

    def list_captures(self) -> None:
        since = wishes.since(wishes.parameters(self.path))
        self._json(200, {"captures": self.server.ledger.captures(since)})

    def look_up(self, key: str) -> None:
        found = self.server.ledger.look_up(key)
        if found is None:
            self._json(404, {"status": "unknown_key"})
        else:
            operation, outcome = found
            self._json(200, {"operation": operation, **self._as_json(outcome)})

    def show_ledger(self) -> None:
        self.server.refunds.settle()
        self._json(200, {"entries": self.server.ledger.entries()})

    def confirm_page(self, authorization: str) -> None:
        self._page(pages.confirm(self.server.ledger.find(authorization)))

    def confirm(self, authorization: str) -> None:
        approved = self._body.decode("utf-8", "replace") != "answer=refuse"
        row = self.server.ledger.confirm(authorization, approved=approved)
        if not pages.is_web_address(row["return_url"]):
            self._page(pages.confirm(row))
            return
        self._send(303, b"", {"Location": row["return_url"]})

    def stylesheet(self) -> None:
        self._send(200, pages.STYLESHEET.encode(), {"Content-Type": "text/css; charset=utf-8"})

    # Answering.

    def _as_json(self, outcome: Outcome) -> dict[str, Any]:
        url = f"{self.server.config.public_url}/confirm/{outcome.authorization}"
        return {
            "id": outcome.authorization,
            "status": outcome.status,
            "reason": outcome.reason,
            "confirm_url": url if outcome.status == "action_required" else None,
        }

    def _full(self, row: dict[str, Any]) -> dict[str, Any]:
        told = Outcome(row["id"], row["status"], row["reason"], is_new=False)
        names = ("reference", "amount", "currency", "key", "at")
        return {**self._as_json(told), **{name: row[name] for name in names}}

    def _json(self, status: int, body: dict[str, Any]) -> None:
        self._send(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _page(self, html: str) -> None:
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": pages.CONTENT_SECURITY_POLICY,
            "Referrer-Policy": "no-referrer",
        }
        self._send(200, html.encode(), headers)

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(content)


Action = Callable[..., None]

ROUTES: tuple[tuple[str, re.Pattern[str], Action, bool], ...] = (
    ("GET", re.compile("/health"), Handler.health, True),
    ("GET", re.compile("/bank.css"), Handler.stylesheet, True),
    ("GET", re.compile("/confirm/([^/]+)"), Handler.confirm_page, True),
    ("POST", re.compile("/confirm/([^/]+)"), Handler.confirm, True),
    ("POST", re.compile("/authorizations"), Handler.authorize, False),
    ("GET", re.compile("/authorizations"), Handler.list_authorizations, False),
    ("GET", re.compile("/authorizations/([^/]+)"), Handler.show, False),
    ("POST", re.compile("/authorizations/([^/]+)/capture"), Handler.capture, False),
    ("POST", re.compile("/authorizations/([^/]+)/void"), Handler.void, False),
    ("POST", re.compile("/authorizations/([^/]+)/refunds"), Handler.refund, False),
    ("GET", re.compile("/authorizations/([^/]+)/refunds"), Handler.list_refunds, False),
    ("GET", re.compile("/refunds/([^/]+)"), Handler.show_refund, False),
    ("GET", re.compile("/captures"), Handler.list_captures, False),
    ("GET", re.compile("/keys/([^/]+)"), Handler.look_up, False),
    ("GET", re.compile("/ledger"), Handler.show_ledger, False),
)
