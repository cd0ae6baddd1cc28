"""The local mailbox: takes every mail the shop sends, and shows it on a page. Never delivers.

EMAIL_PORT    SMTP                  MAIL_FOLDER   one .eml file a mail
PORT          the pages: /, /mail/<id>, /mail/<id>/html, /runbooks/<alert>.md; for programs
              /mails.json
              POST /alerts/<receiver> keeps an alert as a mail, POST /heartbeat keeps nothing
"""

from __future__ import annotations

import html
import json
import os
import re
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from chassis.hosts import is_ours
from deploy.local.alert_mail import as_mail
from deploy.local.folder import PRIVATE, ROOT

HOST = "127.0.0.1"
RUNBOOKS = ROOT / "monitoring" / "runbooks"
LONGEST_ALERT = 1 << 20  # bytes
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1c2430;background:#f6f7f9}h1{font-size:1.3rem}a{color:#0b57d0}
table{width:100%;border-collapse:collapse;background:#fff}
td,th{text-align:left;padding:.5rem .75rem;border-bottom:1px solid #dde1e7}
pre,iframe{width:100%;background:#fff;border:1px solid #dde1e7;padding:1rem;box-sizing:border-box}
pre{white-space:pre-wrap;overflow-wrap:anywhere}iframe{height:40rem}
"""
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">{refresh}
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title><style>{style}</style><h1>{title}</h1>{body}</html>"""
MAIL_POLICY = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class Mails:
    """The mails of one folder, the newest first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, content: bytes) -> None:
        name = f"{time.time_ns()}"
        draft = self.folder / f"{name}.part"
        draft.write_bytes(content)
        draft.rename(self.folder / f"{name}.eml")

    def names(self) -> list[str]:
        return sorted((file.stem for file in self.folder.glob("*.eml")), reverse=True)

    def read(self, name: str) -> EmailMessage:
        """Raises FileNotFoundError for an unknown name."""
        content = (self.folder / f"{name}.eml").read_bytes()
        return message_from_bytes(content, policy=policy.default)


class Sink:
    """aiosmtpd's handler: accepts whatever comes and keeps it."""

    def __init__(self, mails: Mails) -> None:
        self._mails = mails

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self._mails.keep(envelope.original_content or b"")
        return "250 Kept, not delivered"


def text_of(mail: EmailMessage, kind: str) -> str:
    """The body of one kind (plain or html), or an empty text."""
    part = mail.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""


def links_of(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"https?://[^\s<>\"']+", text)))


def as_json(mails: Mails) -> str:
    """Every mail with its headers, text, HTML and links; what browser tests read."""
    return json.dumps([_summary(name, mails.read(name)) for name in mails.names()])


def _summary(name: str, mail: EmailMessage) -> dict[str, object]:
    plain = text_of(mail, "plain")
    headers = {key.lower(): mail.get(key, "") for key in ("From", "To", "Subject")}
    return {
        "id": name,
        **headers,
        "message_id": mail.get("Message-ID", "").strip(),
        "text": plain,
        "html": text_of(mail, "html"),
        "links": links_of(plain),
    }


def list_page(mails: Mails) -> str:
    rows = "".join(_row(name, mails.read(name)) for name in mails.names())
    refresh = '<meta http-equiv="refresh" content="5">'
    body = f"<table><tr><th>To</th><th>Subject</th><th>Date</th></tr>{rows}</table>"
    if not rows:
        body = "<p>No mail yet. Place an order, and its confirmation arrives here.</p>"
    return PAGE.format(title="Mailbox", style=STYLE, body=body, refresh=refresh)


def _row(name: str, mail: EmailMessage) -> str:
    subject, to, date = (html.escape(mail.get(key, "")) for key in ("Subject", "To", "Date"))
    return f'<tr><td>{to}</td><td><a href="/mail/{name}">{subject}</a></td><td>{date}</td></tr>'


def mail_page(name: str, mail: EmailMessage) -> str:
    plain = text_of(mail, "plain")
    headers = "".join(
        f"<tr><th>{html.escape(key)}</th><td>{html.escape(value)}</td></tr>"
        for key, value in mail.items()
    )
    links = "".join(
        f'<li><a href="{html.escape(link)}">{html.escape(link)}</a></li>'
        for link in links_of(plain)
    )
    frame = f'<h2>HTML</h2><iframe sandbox="allow-popups" src="/mail/{name}/html"></iframe>'
    body = (
        f'<p><a href="/">All mails</a></p><table>{headers}</table><h2>Links</h2><ul>{links}</ul>'
        f"<h2>Text</h2><pre>{html.escape(plain)}</pre>{frame if text_of(mail, 'html') else ''}"
    )
    title = html.escape(mail.get("Subject", "Mail"))
    return PAGE.format(title=title, style=STYLE, body=body, refresh="")


class Pages(BaseHTTPRequestHandler):
    """Answers GET and POST; `mails` is set on the subclass that main() makes."""

    mails: Mails
    server_version = "Mailbox"
    sys_version = ""
    timeout = 10  # a client that says nothing is let go

    def parse_request(self) -> bool:
        """Nobody reads mails, or leaves one, through a name that leads here by a trick."""
        if not super().parse_request():
            return False
        if is_ours(self.headers.get("Host", "")):
            return True
        text = f"Open this mailbox as http://{HOST}:{os.environ['PORT']}/"
        self._answer(HTTPStatus.MISDIRECTED_REQUEST, "text/plain", text)
        return False

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        fixed: dict[str, tuple[str, Callable[[], str]]] = {
            "/": ("text/html", lambda: list_page(self.mails)),
            "/mails.json": ("application/json", lambda: as_json(self.mails)),
            "/health": ("application/json", lambda: '{"status": "ok"}'),
        }
        if path in fixed:
            kind, make = fixed[path]
            self._answer(HTTPStatus.OK, kind, make())
        elif found := re.fullmatch(r"/runbooks/(\w+)\.md", path):
            self._answer_runbook(RUNBOOKS / f"{found[1]}.md")
        elif found := re.fullmatch(r"/mail/(\d+)(/html)?", path):
            self._answer_mail(found[1], is_html=bool(found[2]))
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", "There is no such page.")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        content = self.rfile.read(min(length, LONGEST_ALERT))
        if self.path == "/heartbeat":
            self._answer(HTTPStatus.OK, "text/plain", "ok")
        elif found := re.fullmatch(r"/alerts/([a-z]+)", self.path):
            self._keep_alert(content, found[1])
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", "There is no such page.")

    def _keep_alert(self, content: bytes, receiver: str) -> None:
        try:
            self.mails.keep(as_mail(content, receiver))
        except ValueError as error:
            self._answer(HTTPStatus.BAD_REQUEST, "text/plain", f"This is no alert: {error}.")
        else:
            self._answer(HTTPStatus.OK, "text/plain", "ok")

    def _answer_runbook(self, page: Path) -> None:
        """Alerts arrive here, so their links lead here, too."""
        if page.exists():
            self._answer(HTTPStatus.OK, "text/plain", page.read_text(encoding="utf-8"))
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", "There is no such runbook.")

    def _answer_mail(self, name: str, *, is_html: bool) -> None:
        try:
            mail = self.mails.read(name)
        except FileNotFoundError:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", "There is no such mail.")
            return
        if is_html:
            body = f'<base target="_blank">{text_of(mail, "html")}'
            self._answer(HTTPStatus.OK, "text/html", body, content_policy=MAIL_POLICY)
        else:
            self._answer(HTTPStatus.OK, "text/html", mail_page(name, mail))

    def _answer(self, status: int, kind: str, text: str, *, content_policy: str = "") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if content_policy:
            self.send_header("Content-Security-Policy", content_policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Nothing: the page asks again every few seconds."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128


def main() -> None:
    os.umask(PRIVATE)
    mails = Mails(Path(os.environ["MAIL_FOLDER"]))
    smtp = Controller(Sink(mails), hostname=HOST, port=int(os.environ["EMAIL_PORT"]))
    smtp.start()
    pages = type("BoundPages", (Pages,), {"mails": mails})
    try:
        Server((HOST, int(os.environ["PORT"])), pages).serve_forever()
    finally:
        smtp.stop()


if __name__ == "__main__":
    main()
