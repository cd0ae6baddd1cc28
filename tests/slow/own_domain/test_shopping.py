"""A shop at a domain of its own, behind the proxy that ends its TLS: what a shopper gets."""

from __future__ import annotations

import re
import ssl
import subprocess
import sys
from http.client import HTTPConnection
from http.cookies import Morsel

import pytest

from deploy.local.folder import ROOT
from deploy.local.ports import HOST
from deploy.scripts.smoke import Page
from tests.e2e.browser import chromium, chromium_path
from tests.e2e.shopper import Shopper
from tests.own_domain import (
    CATALOGUE,
    HSTS,
    NAME,
    ORDERS,
    OwnDomain,
)
from tests.slow.own_domain.browsing import OFFICE, OFFICES, product, put_into_cart, sign_in

SMOKE = ROOT / "deploy" / "scripts" / "smoke.py"


# What a browser is given.


@pytest.mark.parametrize(
    ("host", "leads_to"),
    [(NAME, NAME), (CATALOGUE, CATALOGUE), ("192.0.2.1", NAME), ("evil.example", NAME)],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_http_leads_to_https(own: OwnDomain, host: str, leads_to: str, scheme: str) -> None:
    connection = HTTPConnection(HOST, own.http, timeout=10)
    connection.request("GET", "/p/lamp/?a=1", headers={"Host": host, "X-Forwarded-Proto": scheme})
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Location")) == (308, f"https://{leads_to}/p/lamp/?a=1")
    assert "Set-Cookie" not in answer.headers
    connection.close()


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        (NAME, "/", 200),
        (NAME, "/no/such/page/", 404),
        (NAME, "/health/live", 404),
        (CATALOGUE, "/admin/login/", 200),
        (CATALOGUE, "/", 302),
        (ORDERS, "/v1/docs", 404),
    ],
)
def test_every_answer_tells_to_stay_with_https(
    own: OwnDomain, name: str, path: str, status: int
) -> None:
    answer = own.browser(name).get(path)
    assert (answer.status, answer["Strict-Transport-Security"]) == (status, HSTS)
    assert "Content-Security-Policy" in dict(answer.headers) or status == 302
    assert "gunicorn" not in dict(answer.headers).get("Server", "")


def test_a_static_file_tells_it_too(own: OwnDomain) -> None:
    (path, *_) = re.findall(r'href="(/static/[^"]+\.css)"', own.browser().get("/").text)
    answer = own.browser().get(path)
    assert (answer.status, answer["Strict-Transport-Security"]) == (200, HSTS)
    assert "immutable" in answer["Cache-Control"]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_versions_of_tls_are_refused_and_http_2_is_spoken(own: OwnDomain) -> None:
    browser = own.browser()
    browser.context.set_alpn_protocols(["h2", "http/1.1"])
    with browser.connect() as connection:
        assert connection.selected_alpn_protocol() == "h2"
    browser.context.set_ciphers("ALL:@SECLEVEL=0")
    browser.context.minimum_version = ssl.TLSVersion.TLSv1
    browser.context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):  # the proxy's own refusal
        browser.connect()


def test_cookies_of_the_shop_are_bound_to_its_host(own: OwnDomain) -> None:
    browser = own.browser()
    assert put_into_cart(browser).status in {302, 303}
    assert {"__Host-storefront_guest", "__Host-storefront_csrf"} <= set(browser.cookies)
    assert [each.key for each in browser.seen if not is_bound(each)] == []


@OFFICE
def test_cookies_of_a_back_office_are_bound_to_its_host(own: OwnDomain, office: str) -> None:
    browser = own.browser(office)
    assert sign_in(browser).status == 302
    assert "Log out" in browser.get("/admin/").text
    service = OFFICES[office]
    assert {f"__Host-{service}_session", f"__Host-{service}_csrf"} <= set(browser.cookies)
    assert [each.key for each in browser.seen if not is_bound(each)] == []


def is_bound(cookie: Morsel[str]) -> bool:
    is_open = not cookie["secure"] or cookie["path"] != "/" or cookie["domain"]
    return cookie.key.startswith("__Host-") and not is_open


# Forms and orders.


def test_a_form_needs_its_token_and_its_origin(own: OwnDomain) -> None:
    browser = own.browser()
    form = Page(browser.get(product(browser)).text).form("/cart/add/")
    assert form is not None
    without = {name: value for name, value in form.fields.items() if "csrf" not in name}
    assert browser.post("/cart/add/", without).status == 403
    foreign = browser.post("/cart/add/", form.fields, Origin="https://evil.example")
    assert foreign.status == 403
    plain = browser.post("/cart/add/", form.fields, Origin=f"http://{NAME}:{own.https}")
    assert plain.status == 403
    assert browser.post("/cart/add/", form.fields).status in {302, 303}


def test_an_order_is_confirmed(own: OwnDomain) -> None:
    done = subprocess.run(
        [sys.executable, str(SMOKE), own.url],
        env={"SSL_CERT_FILE": str(own.root_certificate)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    print(f"through the proxy: {done.stdout.strip()}")


@pytest.mark.parametrize("is_trusted", [True, False])
def test_the_start_is_proven_with_a_certificate_that_is_trusted(
    own: OwnDomain, is_trusted: bool
) -> None:
    trust = {"SSL_CERT_FILE": str(own.root_certificate)} if is_trusted else {}
    command = [sys.executable, "-m", "deploy.public.answers", f"{own.url}/", "0"]
    done = subprocess.run(command, cwd=ROOT, env=trust, capture_output=True, text=True)
    assert done.returncode == (0 if is_trusted else 1)
    assert ("CERTIFICATE_VERIFY_FAILED" in done.stderr) is not is_trusted


def test_a_browser_buys_over_http_2(own: OwnDomain) -> None:
    if chromium_path() is None:
        pytest.skip("no Chromium found: apt-get install chromium-headless-shell, or set CHROMIUM")
    with chromium() as browser:
        page = browser.new_context(ignore_https_errors=True).new_page()
        page.set_default_timeout(15_000)
        shopper = Shopper(page, own.url)
        shopper.buy()
        shopper.see_confirmed()
        entry = "performance.getEntriesByType('navigation')[0].nextHopProtocol"
        assert page.evaluate(entry) == "h2"
