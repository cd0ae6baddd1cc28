"""Mail servers of every temper, on real sockets: slow to greet, behind TLS, silent at the end."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


class Post:
    """What a server does with its mails: keeps them, and takes its time where it may not yet."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.recipients: list[str] = []  # of each of them
        self.connections: set[object] = set()
        self.calls = 0  # connections with and without a greeting
        self.is_taking, self.may_take, self.may_leave = (threading.Event() for _ in range(3))
        self.may_take.set()
        self.may_leave.set()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.is_taking.set()
        await asyncio.to_thread(self.may_take.wait, 20)
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content)
        self.recipients += envelope.rcpt_tos
        return "250 OK"

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, host: str, answers: list[str]
    ) -> list[str]:
        session.host_name = host
        self.connections.add(session.peer)
        return answers

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.to_thread(self.may_leave.wait, 20)
        return "221 Bye"


class Silent(Post):
    """Has taken a mail, and does not say so until it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = threading.Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.to_thread(self.may_answer.wait, 20)
        return answer


class Refusing(Post):
    """Answers so to some recipients."""

    def __init__(self, answers: dict[str, str]) -> None:
        super().__init__()
        self.answers = answers

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"


class Forgetful(Post):
    """Has taken the mail to one recipient, and says nothing."""

    def __init__(self, recipient: str) -> None:
        super().__init__()
        self.recipient = recipient
        self.may_answer = threading.Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if self.recipient in envelope.rcpt_tos:
            await asyncio.to_thread(self.may_answer.wait, 20)
        return answer


class Brief(Post):
    """Hangs up after some mails: with a reply, or without one."""

    def __init__(self, mails: int, reply: str) -> None:
        super().__init__()
        self.most, self.reply = mails, reply
        self._taken: dict[object, int] = {}

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        taken = self._taken[session.peer] = self._taken.get(session.peer, 0) + 1
        if taken > self.most and not self.reply:
            assert server.transport
            server.transport.close()
        if taken > self.most:
            return self.reply
        envelope.mail_from = address
        return "250 OK"


class Late(SMTP):
    """Says nothing for a while."""

    seconds = 0.0

    async def _handle_client(self) -> None:
        self.event_handler.calls += 1
        await asyncio.sleep(self.seconds)
        await super()._handle_client()


@contextmanager
def serving(
    post: Post, port: int, *, greets_after: float = 0.0, tls: ssl.SSLContext | None = None
) -> Iterator[None]:
    server: type[Late] = type("Server", (Late,), {"seconds": greets_after})

    class Ready(Controller):
        def factory(self) -> SMTP:
            smtp: SMTP = server(self.handler)
            return smtp

        def _trigger_server(self) -> None:
            """Without waiting for the greeting."""
            socket.create_connection((HOST, port)).close()

    controller = Ready(post, hostname=HOST, port=port, ssl_context=tls)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """TLS of a server that calls itself 127.0.0.1, and the file that says to trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    public, both = folder / "public.pem", folder / "both.pem"
    public.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    both.write_bytes(private + public.read_bytes())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(both)
    return context, public
