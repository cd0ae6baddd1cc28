"""A shop at domains of its own, with the settings and the proxy of compose.public.yaml.

Caddy reads the real Caddyfile and listens on loopback alone. The names are localhost and below, for
which it makes certificates of its own authority; `Browser` trusts that one.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPSConnection
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest

from deploy.local.folder import ROOT
from deploy.local.ports import HOST, any_free
from deploy.local.program import Program
from tests.shop import Shop

PUBLIC = ROOT / "deploy" / "public"
NAME, CATALOGUE, ORDERS = "localhost", "catalogue.localhost", "orders.localhost"
PASSWORD = "a-password-of-the-tests"
HSTS = "max-age=300"


def caddy() -> str:
    """The program; without it the test is skipped, and fails where REQUIRE_CADDY=1."""
    if found := shutil.which("caddy"):
        return found
    reason = "no Caddy found: apt-get install caddy"
    if os.environ.get("REQUIRE_CADDY") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def version() -> tuple[int, ...]:
    """Of Caddy: v2.11.7 with its hash, or 2.6.2 as Debian has it."""
    said = subprocess.run([caddy(), "version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, said.split()[0].lstrip("v").split("-")[0].split(".")))


class OwnDomain(Shop):
    """The demo shop at https://localhost:PORT, without its proxy until `start_proxy`."""

    def __init__(self) -> None:
        self.http, self.https = any_free(2)
        super().__init__()

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.https}"

    @property
    def root_certificate(self) -> Path:
        return self._data / "caddy/pki/authorities/local/root.crt"

    @property
    def _data(self) -> Path:
        return self.folder.path / "caddy"

    def _environment(self, ports: Mapping[str, int]) -> dict[str, str]:
        return super()._environment(ports) | {
            "PUBLIC_URL": self.url,
            "ALLOWED_HOSTS": f"{NAME},{CATALOGUE},{ORDERS}",
            "TRUSTED_PROXY_COUNT": "1",
            "CATALOGUE_ADMIN_URL": "",  # each back office is tried by itself
        }

    def start(self) -> None:
        super().start()
        for service in ("product_service", "order_service"):
            self.manage(service, "ensure_staff", "--username", "admin", "--password", PASSWORD)
        self.start_proxy("proxy", self.variables_of_caddy())

    def variables_of_caddy(self) -> dict[str, str]:
        """As compose.public.yaml has them, for names of its own for the back offices."""
        storefront, products, orders = (
            f"{HOST}:{self.ports[name]}"
            for name in ("storefront", "product_service", "order_service")
        )
        return {
            "DOMAIN": NAME,
            "ACME_EMAIL": "shop@example.org",
            "HSTS": HSTS,
            "CATALOGUE_ADMIN": CATALOGUE,
            "ORDERS_ADMIN": ORDERS,
            "HTTP_PORT": str(self.http),
            "HTTPS_PORT": str(self.https),
            "STOREFRONT": storefront,
            "PRODUCT_SERVICE": products,
            "ORDER_SERVICE": orders,
            "PAGES": str(PUBLIC),
            "STALLED": "read_body_idle -1s" if version() >= (2, 11, 6) else "",
            "XDG_DATA_HOME": str(self._data),
            "XDG_CONFIG_HOME": str(self._data / "config"),
            "HOME": str(self._data),
        }

    def other_ports(self) -> dict[str, str]:
        """Of one more proxy beside the first."""
        http, https = any_free(2)
        return {"HTTP_PORT": str(http), "HTTPS_PORT": str(https)}

    def start_proxy(self, name: str, variables: dict[str, str]) -> None:
        configuration = self.folder.path / f"{name}.json"
        configuration.write_text(json.dumps(adapted(variables)))
        port = int(variables["HTTPS_PORT"])
        program = Program(
            name=name,
            argv=(caddy(), "run", "--config", str(configuration)),
            environment=variables,
            is_ready=lambda: self.root_certificate.exists() and shakes_hands(self, port, variables),
            stage=0,
        )
        self.members.start([program])

    def browser(self, name: str = NAME, **options: object) -> Browser:
        return Browser(self, name, **options)  # type: ignore[arg-type]


def adapted(variables: Mapping[str, str]) -> dict[str, object]:
    """The Caddyfile as JSON: ports on loopback alone, a body in a twentieth of its time."""
    command = [caddy(), "adapt", "--adapter", "caddyfile", "--config", str(PUBLIC / "Caddyfile")]
    done = subprocess.run(command, env=dict(variables), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    configuration: dict[str, object] = json.loads(done.stdout)
    for server in configuration["apps"]["http"]["servers"].values():  # type: ignore[index]
        server["listen"] = [f"{HOST}{port}" for port in server["listen"]]
        server["read_timeout"] //= 20
    return configuration


def shakes_hands(shop: OwnDomain, port: int, variables: Mapping[str, str]) -> bool:
    names = (variables[each] for each in ("DOMAIN", "CATALOGUE_ADMIN", "ORDERS_ADMIN"))
    context = ssl.create_default_context(cafile=str(shop.root_certificate))
    try:
        for host, _, own in (name.partition(":") for name in names):
            with socket.create_connection((HOST, int(own or port)), 2) as raw:
                context.wrap_socket(raw, server_hostname=host).close()
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    text: str

    def __getitem__(self, name: str) -> str:
        """The one value of a header. Fails if there are none or several."""
        (value,) = [text for key, text in self.headers if key.lower() == name.lower()]
        return value

    @property
    def cookies(self) -> list[Morsel[str]]:
        lines = (text for key, text in self.headers if key.lower() == "set-cookie")
        return [morsel for line in lines for morsel in SimpleCookie(line).values()]


class Browser:
    """One with HTTP/1.1 over TLS: it keeps cookies, and sends Origin and Referer with a form.

    `source` is the address that it comes from. `seen` are all cookies that it was ever given.
    """

    def __init__(self, shop: OwnDomain, name: str, *, source: str = HOST, port: int = 0) -> None:
        self.name, self.source, self.port = name, source, port or shop.https
        self.context = ssl.create_default_context(cafile=str(shop.root_certificate))
        self.cookies: dict[str, str] = {}
        self.seen: list[Morsel[str]] = []

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: Mapping[str, str] | bytes, **headers: str) -> Answer:
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        own = f"https://{self.name}:{self.port}"
        usual = {"Origin": own, "Referer": f"{own}{path}"}
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, body, usual | form | headers)

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = HTTPSConnection(self.name, self.port, timeout=30)
        connection.sock = self.connect()
        if self.cookies:
            cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers = {"Cookie": cookies, **headers}
        with_dashes = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with suppress(OSError):  # a body that is refused is cut off, and the answer is there
                connection.request(method, path, body, with_dashes)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
            answer = Answer(response.status, response.getheaders(), text)
        finally:
            connection.close()
        for each in answer.cookies:
            self.seen.append(each)
            self.cookies[each.key] = each.coded_value
        return answer

    def connect(self) -> ssl.SSLSocket:
        raw = socket.create_connection((HOST, self.port), 30, (self.source, 0))
        return self.context.wrap_socket(raw, server_hostname=self.name)
