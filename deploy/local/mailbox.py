"""The local mailbox: takes every mail the shop sends, and shows it on a page. Never delivers.

EMAIL_PORT    SMTP                  MAIL_FOLDER   one .eml file a mail
PORT          the pages: /, /mail/<id>, /mail/<id>/html, /runbooks/<alert>.md; for programs
              /mails.json
              POST /alerts/<receiver> keeps an alert as a mail, POST /heartbeat keeps nothing
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import localtime
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import path, re_path
from prometheus_client.exposition import ThreadingWSGIServer
from pydantic import BaseModel

from chassis.hosts import is_ours
from deploy.local.folder import PRIVATE, ROOT
from deploy.local.mail_taking import Taking, folder, keep
from deploy.local.ports import HOST

RUNBOOKS = ROOT / "monitoring" / "runbooks"
TEXT = "text/plain; charset=utf-8"
MAIL_POLICY = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def all_mails() -> list[dict[str, object]]:
    """The newest first."""
    names = sorted((file.stem for file in folder().glob("*.eml")), reverse=True)
    return [read(name) for name in names]


def read(name: str) -> dict[str, object]:
    """Headers, text, HTML and links of a mail; raises Http404 for an unknown name."""
    mail = message_from_bytes(_content(folder() / f"{name}.eml"), policy=policy.default)
    plain = _body(mail, "plain")
    return {
        "id": name,
        "from": mail.get("From", ""),
        "to": mail.get("To", ""),
        "subject": mail.get("Subject", ""),
        "date": mail.get("Date", ""),
        "message_id": mail.get("Message-ID", "").strip(),
        "headers": [[key, str(value)] for key, value in mail.items()],
        "text": plain,
        "html": _body(mail, "html"),
        "links": list(dict.fromkeys(re.findall(r"https?://[^\s<>\"']+", plain))),
    }


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise Http404 from None


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""


class Attachment(BaseModel):
    title: str
    text: str


class Alert(BaseModel):
    """What Alertmanager sends to a receiver that is compatible with Slack's."""

    attachments: tuple[Attachment]


def as_mail(message: bytes, receiver: str) -> bytes:
    """An alert as a mail to `receiver`. Raises ValueError for anything else."""
    [alert] = Alert.model_validate_json(message).attachments
    mail = EmailMessage()
    mail["From"], mail["To"] = "alertmanager@example.org", f"{receiver}@example.org"
    mail["Subject"], mail["Date"] = alert.title.strip(), localtime()
    mail.set_content(alert.text)
    return mail.as_bytes()


def only_our_names(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Middleware: refuses foreign host names, which a page may point at this machine."""

    def check(request: HttpRequest) -> HttpResponse:
        text = f"Open this mailbox as http://{HOST}:{os.environ['PORT']}/"
        refusal = HttpResponse(text, TEXT, status=421)
        response = answer(request) if is_ours(request.META.get("HTTP_HOST", "")) else refusal
        response["Server"] = "Mailbox"
        return response

    return check


def list_mails(request: HttpRequest) -> HttpResponseBase:
    return render(request, "mailbox.html", {"title": "Mailbox", "mails": all_mails()})


def show_mail(request: HttpRequest, name: str) -> HttpResponseBase:
    mail = read(name)
    return render(request, "mail.html", {"title": mail["subject"] or "Mail", "mail": mail})


def show_html(request: HttpRequest, name: str) -> HttpResponseBase:
    """As the sender wrote it; the policy lets nothing of it run."""
    content = f'<base target="_blank">{read(name)["html"]}'
    return HttpResponse(content, headers={"Content-Security-Policy": MAIL_POLICY})


def show_runbook(request: HttpRequest, name: str) -> HttpResponseBase:
    """Alerts arrive here, so their links lead here, too."""
    return HttpResponse(_content(RUNBOOKS / f"{name}.md"), TEXT)


def keep_alert(request: HttpRequest, receiver: str) -> HttpResponseBase:
    try:
        keep(as_mail(request.body, receiver))
    except ValueError as error:
        return HttpResponse(f"This is no alert: {error}.", TEXT, status=400)
    return HttpResponse("ok", TEXT)


urlpatterns = [
    path("", list_mails),
    path("mails.json", lambda request: JsonResponse(all_mails(), safe=False)),
    path("health", lambda request: JsonResponse({"status": "ok"})),
    re_path(r"^mail/(?P<name>[0-9]+)$", show_mail),
    re_path(r"^mail/(?P<name>[0-9]+)/html$", show_html),
    re_path(r"^runbooks/(?P<name>\w+)\.md$", show_runbook),
    re_path(r"^alerts/(?P<receiver>[a-z]+)$", keep_alert),
    path("heartbeat", lambda request: HttpResponse("ok", TEXT)),
]


class Server(ThreadingWSGIServer):
    request_queue_size = 128


class Handler(WSGIRequestHandler):
    timeout = 10  # a client that says nothing is let go

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Nothing: the page asks again every few seconds."""


def main() -> None:
    os.umask(PRIVATE)
    templates = Path(__file__).with_name("templates")
    settings.configure(
        LOGGING_CONFIG=None,
        MIDDLEWARE=[f"{__name__}.only_our_names"],
        ROOT_URLCONF=__name__,
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [templates]}
        ],
    )
    smtp = Taking(None, hostname=HOST, port=int(os.environ["EMAIL_PORT"]))
    smtp.start()
    pages = make_server(HOST, int(os.environ["PORT"]), get_wsgi_application(), Server, Handler)
    try:
        pages.serve_forever()
    finally:
        smtp.stop()


if __name__ == "__main__":
    main()
