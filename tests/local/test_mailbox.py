"""The local mailbox: SMTP in, pages out, nothing of a mail runs as a script."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import smtplib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from deploy.local import ports
from deploy.local.readiness import answers_http

PATIENCE_SECONDS = 60.0  # on a machine that does much else; it takes half a second
LINK = "http://127.0.0.1:8000/orders/TC-ABCDEFGH/?token=a.b"


class Mailbox:
    """A running mailbox process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.smtp_port, self.port = ports.any_free(2)
        variables = {"EMAIL_PORT": self.smtp_port, "PORT": self.port, "MAIL_FOLDER": folder}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.mailbox"],
            env={**os.environ, **{name: str(value) for name, value in variables.items()}},
        )
        is_ready = answers_http(self.port, "/health")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_ready():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()

    def send(self, subject: str, text: str, html: str) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "shop@example.org", "ada@example.org", subject
        mail["Message-ID"] = "<order-1@example.org>"
        mail.set_content(text)
        mail.add_alternative(html, subtype="html")
        with smtplib.SMTP("127.0.0.1", self.smtp_port) as client:
            client.send_message(mail)

    def get(self, path: str) -> tuple[str, dict[str, str]]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return answer.read().decode(), dict(answer.headers)

    def status(self, method: str, path: str, host: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(connection):
            connection.request(method, path, headers={"Host": host})
            answer = connection.getresponse()
            assert "Python" not in answer.headers["Server"]
            return answer.status


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    box = Mailbox(tmp_path_factory.mktemp("mailbox"))
    yield box
    box.end()


@pytest.fixture
def mailbox(running: Mailbox) -> Mailbox:
    """An empty one: what it knows is in its folder."""
    for mail in running.folder.iterdir():
        mail.unlink()
    return running


def test_an_empty_mailbox_says_so(mailbox: Mailbox) -> None:
    assert "No mail yet" in mailbox.get("/")[0]
    assert json.loads(mailbox.get("/mails.json")[0]) == []


def test_a_mail_is_listed_and_shown_with_its_links(mailbox: Mailbox) -> None:
    mailbox.send(
        "Your order TC-ABCDEFGH", f"Thank you, Zoë.\n{LINK}\n", f'<a href="{LINK}">See</a>'
    )
    [mail] = json.loads(mailbox.get("/mails.json")[0])
    assert (mail["from"], mail["to"]) == ("shop@example.org", "ada@example.org")
    assert mail["message_id"] == "<order-1@example.org>"
    assert mail["links"] == [LINK]
    assert "Thank you, Zoë." in mail["text"]
    assert "Your order TC-ABCDEFGH" in mailbox.get("/")[0]
    page, _ = mailbox.get(f"/mail/{mail['id']}")
    assert "Thank you, Zoë." in page
    assert f'href="{LINK}"' in page
    assert LINK in mailbox.get(f"/mail/{mail['id']}/html")[0]


@pytest.mark.parametrize(
    "mail",
    [
        b"Subject: dots\r\n\r\n.\r\n..\r\n.begins\r\nends.\r\n",
        b"Subject: long\r\n\r\n" + b"x" * 5000 + b"\r\n",
        b"Subject: large\r\n\r\n" + b"a line of many\r\n" * 100_000,
        "Subject: Z\u00f6e\r\n\r\nZo\u00eb\r\n".encode(),
        b".\r\n",
        b"",
    ],
)
def test_a_mail_is_kept_as_it_was_sent(mailbox: Mailbox, mail: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port) as client:
        client.sendmail("shop@example.org", ["ada@example.org", "bob@example.org"], mail)
        client.sendmail("shop@example.org", ["ada@example.org"], b"the next one\r\n")
    first, second = sorted(mailbox.folder.iterdir())
    assert first.read_bytes() == (mail or b"\r\n")
    assert second.read_bytes() == b"the next one\r\n"


def test_the_newest_mail_comes_first(mailbox: Mailbox) -> None:
    mailbox.send("first", "one", "one")
    mailbox.send("second", "two", "two")
    mails = json.loads(mailbox.get("/mails.json")[0])
    assert [mail["subject"] for mail in mails] == ["second", "first"]


def test_nothing_of_a_mail_runs(mailbox: Mailbox) -> None:
    script = "<script>alert(1)</script>"
    mailbox.send(f"Subject {script}", f"Text {script}", f"<p>HTML {script}</p>")
    [mail] = json.loads(mailbox.get("/mails.json")[0])
    assert script not in mailbox.get("/")[0]
    assert script not in mailbox.get(f"/mail/{mail['id']}")[0]
    _, headers = mailbox.get(f"/mail/{mail['id']}/html")
    assert headers["Content-Security-Policy"].startswith("sandbox ")
    assert "allow-scripts" not in headers["Content-Security-Policy"]


def test_a_client_that_says_nothing_is_let_go(mailbox: Mailbox) -> None:
    with socket.create_connection(("127.0.0.1", mailbox.port), timeout=20) as client:
        mailbox.get("/health")  # it holds up nobody
        assert client.recv(1) == b""


def test_an_unknown_mail_is_not_found(mailbox: Mailbox) -> None:
    for path in ("/mail/1", "/mail/..%2f..%2fsecrets", "/elsewhere"):
        with pytest.raises(urllib.error.HTTPError) as failure:
            mailbox.get(path)
        assert failure.value.code == 404


def test_mails_outlive_the_process(tmp_path: Path) -> None:
    with contextlib.ExitStack() as ends:
        first = Mailbox(tmp_path)
        ends.callback(first.end)
        first.send("kept", "text", "html")
        first.end()
        again = Mailbox(tmp_path)
        ends.callback(again.end)
        [mail] = json.loads(again.get("/mails.json")[0])
    assert mail["subject"] == "kept"


def post(box: Mailbox, path: str, content: bytes) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{box.port}{path}", content, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_an_alert_becomes_a_mail_to_its_receiver(mailbox: Mailbox) -> None:
    alert = {"title": "[firing] ServiceDown storefront", "text": "Every process is down.\nRunbook"}
    assert post(mailbox, "/alerts/pager", json.dumps({"attachments": [alert]}).encode()) == 200
    [mail] = json.loads(mailbox.get("/mails.json")[0])
    assert (mail["to"], mail["subject"]) == ("pager@example.org", alert["title"])
    assert mail["text"].splitlines() == alert["text"].splitlines()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no json",
        b"[]",
        b'{"attachments": []}',
        b'{"attachments": [{"title": "only"}]}',
        b'{"attachments": [{"title": "two\\nlines", "text": "x"}]}',
        b'{"attachments": [{"title": 1, "text": 2}]}',
    ],
)
def test_what_is_no_alert_is_refused(mailbox: Mailbox, content: bytes) -> None:
    assert post(mailbox, "/alerts/pager", content) == 400
    assert json.loads(mailbox.get("/mails.json")[0]) == []


def test_a_heartbeat_is_answered_and_not_kept(mailbox: Mailbox) -> None:
    assert post(mailbox, "/heartbeat", b'{"attachments": [{"title": "a", "text": "b"}]}') == 200
    assert post(mailbox, "/elsewhere", b"{}") == 404
    assert json.loads(mailbox.get("/mails.json")[0]) == []


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/mails.json"), ("POST", "/alerts/chat")]
)
def test_no_name_of_a_stranger_leads_to_the_mails(mailbox: Mailbox, method: str, path: str) -> None:
    """As a page does that made its own name lead to this machine."""
    mailbox.send("Your order", LINK, "")
    for host in ("evil.example", f"evil.example:{mailbox.port}", "127.0.0.1.evil.example"):
        assert mailbox.status(method, path, host) == 421
    assert mailbox.status("GET", "/mails.json", f"localhost:{mailbox.port}") == 200
    assert len(json.loads(mailbox.get("/mails.json")[0])) == 1
