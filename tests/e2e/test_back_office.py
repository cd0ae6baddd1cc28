"""The two back offices in a browser: one sign-in, and a new colleague in a few clicks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewPage
from tests.e2e.test_pages import AXE, inaccessible
from tests.shop import Shop

PASSWORD = secrets.token_urlsafe(16)
MOST_CLICKS = 8


@dataclass(frozen=True)
class Offices:
    catalogue: str
    orders: str


@pytest.fixture(scope="module")
def offices(shop: Shop) -> Offices:
    """With an administrator, whom both know as `make run` does."""
    for service in ("product_service", "order_service"):
        shop.manage(service, "ensure_staff", "--username", "boss", "--password", PASSWORD)
    address = "http://127.0.0.1:{}/admin/".format
    return Offices(address(shop.ports["product_service"]), address(shop.ports["order_service"]))


class Person:
    """Somebody at a page, whose clicks are counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, role: str, name: str) -> None:
        self.clicks += 1
        self.page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]

    def sign_in(self, address: str, name: str, password: str) -> None:
        self.page.goto(address)
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.click("button", "Log in")


def test_one_sign_in_opens_both_and_signing_out_closes_both(
    new_page: NewPage, offices: Offices
) -> None:
    boss = Person(new_page())
    boss.sign_in(f"{offices.orders}orders/order/", "boss", PASSWORD)
    expect(boss.page).to_have_url(f"{offices.orders}orders/order/")
    expect(boss.page.get_by_role("link", name="Orders").first).to_be_visible()

    boss.click("link", "Catalogue")
    expect(boss.page).to_have_url(offices.catalogue)
    boss.click("link", "Orders")
    expect(boss.page).to_have_url(offices.orders)
    boss.click("button", "Log out")

    expect(boss.page.get_by_text("signed out of both back offices")).to_be_visible()
    boss.page.goto(offices.catalogue)
    expect(boss.page.get_by_label("Password")).to_be_visible()


def test_a_colleague_for_the_catalogue_is_added_in_a_few_clicks(
    new_page: NewPage, offices: Offices
) -> None:
    boss = Person(new_page())
    boss.sign_in(offices.catalogue, "boss", PASSWORD)
    boss.click("link", "Users")
    boss.click("link", "Add user")
    boss.page.get_by_label("Username").fill("carla")
    for name in ("password1", "password2"):
        boss.page.locator(f"[name={name}]").fill(PASSWORD)
    boss.clicks += 1
    boss.page.get_by_label("Catalogue Products").check()
    boss.click("button", "Save")
    expect(boss.page.get_by_text("was added successfully")).to_be_visible()
    assert boss.clicks <= MOST_CLICKS

    carla = Person(new_page())
    carla.sign_in(offices.catalogue, "carla", PASSWORD)
    expect(carla.page.get_by_role("link", name="Products", exact=True).first).to_be_visible()
    assert carla.page.get_by_role("link", name="Users").count() == 0
    assert carla.page.get_by_role("link", name="Orders").count() == 0


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_of_people_are_accessible(
    new_page: NewPage, offices: Offices, width: int
) -> None:
    page = new_page(width=width, bypass_csp=True)
    page.add_init_script(path=AXE)
    page.goto(offices.catalogue)
    found = inaccessible(page, "sign-in")
    Person(page).sign_in(offices.catalogue, "boss", PASSWORD)
    for name in ("", "auth/user/", "auth/user/add/", "auth/group/"):
        page.goto(f"{offices.catalogue}{name}")
        found += inaccessible(page, name or "front page")
        wider = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        found += [f"{name}: {wider} px too wide"] if wider > 0 else []
    assert found == []
