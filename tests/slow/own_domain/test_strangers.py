"""A shop at a domain of its own: what strangers send, and what is large, slow or away."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email import message_from_string
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread

import pytest

from deploy.local.ports import HOST, any_free
from deploy.scripts.smoke import Page
from tests.front_door.attack import Attack, Plan
from tests.own_domain import (
    CATALOGUE,
    HSTS,
    NAME,
    Browser,
    OwnDomain,
)
from tests.slow.own_domain.browsing import OFFICE, sign_in

HELD = 50  # connections of each kind
HEAD_SECONDS, BODY_SECONDS = 5, 6  # of a silent client; for bodies it is two minutes, see adapted
LATE_SECONDS = 3  # of a busy machine


# What strangers send.


def look_up(browser: Browser, **headers: str) -> int:
    form = Page(browser.get("/orders/").text).form("/orders/")
    assert form is not None
    fields = {**form.fields, "number": "TC-22222222", "email": "ada@example.org"}
    return browser.post("/orders/", fields, **headers).status


def test_a_visitor_cannot_choose_the_address_that_is_counted(own: OwnDomain) -> None:
    """Nor use up the tries of others, as when all counted as the proxy."""
    guesser, other = own.browser(source="127.0.0.2"), own.browser(source="127.0.0.3")
    addresses = (f"198.51.100.{number}" for number in count(1))
    spoofed = [look_up(guesser, X_Forwarded_For=next(addresses)) for _ in range(6)]
    assert spoofed == [*[404] * 5, 429]
    for name in ("Forwarded", "X-Real-IP", "Client-Address", "X-Client-IP"):
        value = f"for={next(addresses)}" if name == "Forwarded" else next(addresses)
        assert look_up(guesser, **{name: value}) == 429, name
    assert look_up(other, X_Forwarded_For="127.0.0.2") == 404


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    def do_GET(self) -> None:
        body = str(self.headers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


def test_what_a_visitor_says_of_the_way_never_reaches_the_shop(own: OwnDomain) -> None:
    server = ThreadingHTTPServer((HOST, 0), Echo)
    Thread(target=server.serve_forever, daemon=True).start()
    variables = own.variables_of_caddy() | own.other_ports()
    try:
        own.start_proxy("echo", variables | {"STOREFRONT": f"{HOST}:{server.server_port}"})
        browser = Browser(own, NAME, source="127.0.0.2", port=int(variables["HTTPS_PORT"]))
        told = {"X_Forwarded_For": "198.51.100.1", "X_Forwarded_Proto": "http"}
        seen = message_from_string(browser.get("/", **told, X_Forwarded_Host="evil.example").text)
    finally:
        server.shutdown()
        server.server_close()
    assert seen.get_all("X-Forwarded-For") == ["127.0.0.2"]
    assert seen.get_all("X-Forwarded-Proto") == ["https"]
    assert seen.get_all("X-Forwarded-Host") == seen.get_all("Host")
    assert seen.get_all("Host") == [f"{NAME}:{variables['HTTPS_PORT']}"]


@pytest.mark.parametrize("host", ["evil.example", "storefront", "product-service", HOST])
def test_no_other_name_leads_in(own: OwnDomain, host: str) -> None:
    assert own.browser().get("/", Host=host).status == 421
    assert own.browser().get("/admin/login/", Host=host).status == 421
    with pytest.raises(ssl.SSLError):
        Browser(own, host).connect()


@pytest.mark.parametrize(
    "path",
    ["/admin/", "/admin/login/", "/metrics", "/health/live", "/health/startup", "/v1/orders"],
)
def test_the_shop_s_name_leads_to_its_pages_alone(own: OwnDomain, path: str) -> None:
    assert own.browser().get(path).status == 404


@OFFICE
@pytest.mark.parametrize(
    "path",
    [
        *("/v1/products", "/v1/orders", "/v1/schema", "/v1/docs", "/errors/", "/metrics"),
        *("/health/ready", "/media/a.webp", "/admin/../v1/docs", "/admin/%2e%2e/v1/docs"),
        *("//v1/docs", "/static/../v1/docs", "/ADMIN/../v1/docs"),
    ],
)
def test_the_name_of_a_back_office_leads_to_it_alone(
    own: OwnDomain, office: str, path: str
) -> None:
    answer = own.browser(office).get(path)
    assert (answer.status, answer.text) == (404, "There is no such page here.")


# What is large, slow or away.


@pytest.mark.parametrize("size", [64 * 1024 + 1, 20 * 1024 * 1024])
def test_a_large_form_is_refused_with_the_shop_s_own_page(own: OwnDomain, size: int) -> None:
    answer = own.browser().post("/cart/add/", b"a" * size)
    assert answer.status == 413
    assert "more than we can take at once" in answer.text
    assert answer["Strict-Transport-Security"] == HSTS


def test_uploads_of_the_back_office_may_be_larger(own: OwnDomain) -> None:
    browser = own.browser(CATALOGUE)
    sign_in(browser)
    assert browser.post("/admin/", b"a" * 1024 * 1024).status not in {413, 502, 503}


def test_who_holds_on_is_let_go_and_others_notice_nothing(own: OwnDomain) -> None:
    browser, began = own.browser(), time.monotonic()
    head = f"GET / HTTP/1.1\r\nHost: {NAME}:{own.https}\r\nX-Slow: "
    body = f"POST /cart/add/ HTTP/1.1\r\nHost: {NAME}:{own.https}\r\nContent-Length: 1000\r\n\r\na"

    def hold(sent: str) -> Callable[[], float]:
        def held() -> float:
            """How long a connection stands on which nothing more is sent."""
            with socket.create_connection((HOST, own.https), 60) as silent:
                if not sent:
                    return ended(silent)
                with browser.context.wrap_socket(silent, server_hostname=NAME) as client:
                    client.sendall(sent.encode())
                    return ended(client)

        return held

    kinds = {"": HEAD_SECONDS, head: HEAD_SECONDS, body: BODY_SECONDS}
    plan = Plan(half_heads=HELD, half_bodies=HELD)
    with ThreadPoolExecutor(HELD * len(kinds)) as threads, Attack((HOST, own.http), plan):
        holding = {sent: [threads.submit(hold(sent)) for _ in range(HELD)] for sent in kinds}
        visits = []
        while time.monotonic() - began < BODY_SECONDS:
            asked = time.monotonic()
            assert own.browser().get("/").status == 200
            visits.append(time.monotonic() - asked)
            time.sleep(0.2)
        stood = {sent: max(each.result(30) for each in held) for sent, held in holding.items()}
    for sent, allowed in kinds.items():
        assert stood[sent] < allowed + LATE_SECONDS, sent[:5] or "no handshake"
    assert max(visits) < 2
    longest = ", ".join(f"{seconds:.1f} s" for seconds in stood.values())
    print(f"{3 * HELD} silent connections ended after {longest}; slowest visit {max(visits):.2f} s")


def ended(client: socket.socket) -> float:
    began = time.monotonic()
    try:
        while client.recv(65_536):
            pass
    except (OSError, ssl.SSLError):
        pass
    return time.monotonic() - began


def test_a_shop_that_starts_again_is_waited_for(own: OwnDomain) -> None:
    own.members.kill("storefront")
    assert own.browser().get("/").status == 200
    own.members.wait_until_up("storefront")


def test_a_shop_that_is_away_has_a_page_that_says_so(own: OwnDomain) -> None:
    own.members.kill("storefront", hold=True)
    try:
        answer = own.browser().get("/")
    finally:
        own.members.release("storefront")
        own.members.wait_until_up("storefront")
    assert (answer.status, answer["Retry-After"]) == (503, "10")
    assert "The shop is away for a moment" in answer.text
    assert answer["Strict-Transport-Security"] == HSTS
    assert "text/html" in answer["Content-Type"]
    written = own.members["proxy"].log.read_text()
    assert not re.search(r'remote_addr|remote_ip|"uri"|Cookie', written)


def test_without_names_the_back_offices_are_on_this_machine_alone(own: OwnDomain) -> None:
    """As an SSH tunnel reaches them. A browser must not take localhost for a site of HTTPS."""
    catalogue, orders = any_free(2)
    variables = own.variables_of_caddy() | own.other_ports()
    names = {"CATALOGUE_ADMIN": f"localhost:{catalogue}", "ORDERS_ADMIN": f"localhost:{orders}"}
    own.start_proxy("tunnel", variables | names | {"DOMAIN": "shop.localhost"})
    https = int(variables["HTTPS_PORT"])
    for port in (catalogue, orders):
        browser = Browser(own, "localhost", port=port)
        answer = sign_in(browser)
        assert answer.status == 302
        assert "Log out" in browser.get("/admin/").text
        assert "Strict-Transport-Security" not in dict(answer.headers)
        assert browser.get("/v1/docs").status == 404
    public = Browser(own, "shop.localhost", port=https)
    for port in (catalogue, orders, https):
        assert public.get("/admin/login/", Host=f"localhost:{port}").status == 421
