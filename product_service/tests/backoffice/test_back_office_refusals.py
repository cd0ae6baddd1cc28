"""Every refusal in the back office is a page that says what to do; what was typed is not lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chassis.tests.back_office import Opened, fields_of, page_of, signed_in
from product_service.catalogue.models import Category, Image, Option, Variant
from product_service.tests.factories import make_category, make_product, make_variant, picture_bytes
from tests.effort import tries
from tests.idling import session_ended_by_the_server

pytestmark = pytest.mark.django_db
OURS = {"Origin": "http://testserver"}


def is_page(response: Any, status: int) -> str:
    text: str = response.content.decode()
    assert (response.status_code, response["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert "To the front page of the back office" in text
    return text


def test_a_product_of_many_variants_is_saved() -> None:
    """Django takes 1,000 fields, those of 115 variants; fewer send as many, and fields of none."""
    variants = tries(25, 116)
    Option.objects.create(code="colour", name="Colour")
    product = make_product()
    for n in range(1, variants):
        make_variant(product, f"MORE-{n}", options={"colour": f"{n}"}, stock=0)
    page = Opened(signed_in("anna"), product)
    sent = sum(len(values) for values in page.fields.values())
    page.fields |= {f"more-{n}": "" for n in range(1001 - sent)}

    with CaptureQueriesContext(connection) as statements:
        assert page.save(**{f"variants-{variants - 1}-sku": "LAST"}).status_code == 302

    assert Variant.objects.filter(sku="LAST").exists()
    assert len(statements) < 60  # as many for the rows that nobody has changed, however many


def test_three_pictures_of_nine_megabytes_are_saved_at_once() -> None:
    page = Opened(signed_in("anna"), make_product())
    picture = picture_bytes(kind="JPEG") + b"\0" * (9 * 1024 * 1024)
    rows: dict[str, Any] = {"images-TOTAL_FORMS": "3"}
    for n in range(3):
        rows |= {
            f"images-{n}-alt": f"Side {n}",
            f"images-{n}-position": f"{n}",
            f"images-{n}-upload": SimpleUploadedFile(f"{n}.jpg", picture),
        }

    assert page.save(**rows).status_code == 302

    assert Image.objects.count() == 3


def test_files_that_are_too_large_together_are_refused_on_a_page() -> None:
    client, product = signed_in("anna"), make_product()
    upload = SimpleUploadedFile("a.jpg", b"\0" * (32 * 1024 * 1024))

    text = is_page(client.post(page_of(product), {"images-0-upload": upload}), 413)

    assert "Nothing was saved. Go back to the form and send fewer files or rows at once." in text


def test_too_many_fields_are_refused_on_a_page() -> None:
    fields = "&".join(f"p{n}=1" for n in range(20_001))
    kind = "application/x-www-form-urlencoded"

    response = signed_in("anna").post(page_of(make_product()), fields, content_type=kind)

    assert "Nothing was saved. Go back to the form and try again" in is_page(response, 400)


def test_who_may_not_see_a_page_is_told_so(client: Client) -> None:
    user = User.objects.create_user("cat", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__endswith="_category"))
    client.force_login(user)
    assert client.get("/admin/catalogue/category/").status_code == 200

    for response in (client.get("/admin/auth/user/"), client.post("/admin/catalogue/product/add/")):
        assert "Your account does not have the right to do this." in is_page(response, 403)


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", "/admin", 404),
        ("get", "/admin/nowhere/", 404),
        ("get", "/admin/logout/", 405),
        ("put", "/admin/logout/", 405),
    ],
)
def test_an_address_that_leads_nowhere_is_a_page(method: str, address: str, status: int) -> None:
    is_page(signed_in("anna").generic(method.upper(), address), status)


def test_what_was_typed_after_the_session_ended_can_be_sent_again() -> None:
    client = Client(enforce_csrf_checks=True, headers=OURS)
    User.objects.create_superuser("anna", password="secret")
    _sign_in(client)
    category = make_category()
    page = Opened(client, category)
    client.cookies.pop("product_service_session")

    refused = client.post(page.address, page.fields | {"name": "Typed <for> an hour"})

    text = is_page(refused, 403)
    assert "You were signed out while this page was open, so nothing was saved." in text
    assert re.search(r'<a href="/admin/login/\?next=/admin/" target="_blank">', text)
    _sign_in(client)  # which changes the token of all forms
    refused = client.post(page.address, fields_of(refused))
    assert "This page was opened before you signed in" in is_page(refused, 403)
    assert client.post(page.address, fields_of(refused)).status_code == 302
    assert Category.objects.get().name == "Typed <for> an hour"


@pytest.mark.parametrize("origin", ["https://evil.example", "https://testserver", "null", ""])
def test_a_form_of_another_site_is_not_offered_to_be_sent_again(origin: str) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Origin": origin} if origin else {})
    client.force_login(User.objects.create_superuser("anna"))

    text = is_page(client.post("/admin/catalogue/category/add/", {"name": "Evil"}), 403)

    assert "Evil" not in text


def test_a_form_of_the_shops_public_address_is_offered_to_be_sent_again() -> None:
    """A proxy may have written another Host."""
    (origin,) = settings.CSRF_TRUSTED_ORIGINS
    client = Client(enforce_csrf_checks=True, headers={"Origin": origin})

    text = is_page(client.post("/admin/catalogue/category/add/", {"name": "Lamps"}), 403)

    assert "Lamps" in text


def test_what_was_typed_before_a_right_was_withdrawn_can_be_sent_again() -> None:
    user = User.objects.create_user("cat", is_staff=True)
    rights = Permission.objects.filter(codename__endswith="_category")
    user.user_permissions.set(rights)
    client = Client(headers=OURS)
    client.force_login(user)
    page = Opened(client, make_category())
    user.user_permissions.clear()

    refused = client.post(page.address, page.fields | {"name": "Typed for an hour"})

    assert "Your account does not have the right to do this." in is_page(refused, 403)
    user.user_permissions.set(rights)
    assert client.post(page.address, fields_of(refused)).status_code == 302
    assert Category.objects.get().name == "Typed for an hour"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("origin", ["http://testserver", "https://evil.example"])
def test_what_was_typed_while_the_database_was_away_can_be_sent_again(origin: str) -> None:
    client = Client(headers={"Origin": origin})
    client.force_login(User.objects.create_superuser("anna"))
    page = Opened(client, make_category())
    with session_ended_by_the_server():
        refused = client.post(page.address, page.fields | {"name": "Typed for an hour"})

    text = is_page(refused, 503)
    assert refused["Retry-After"] == "2"
    assert "what you sent was probably not saved. Wait a moment, then send it again." in text
    assert ("Typed for an hour" in text) == (origin == "http://testserver")
    if origin == "http://testserver":
        assert client.post(page.address, fields_of(refused)).status_code == 302
        assert Category.objects.get().name == "Typed for an hour"


def test_a_stranger_is_not_sent_back_a_page_of_any_size() -> None:
    typed = {"name": "x" * 2**20}
    client = Client(enforce_csrf_checks=True, headers=OURS)

    stale = client.post("/admin/catalogue/category/add/", typed)
    signed_out = Client(headers=OURS).post("/admin/catalogue/category/add/", typed)

    for response in (stale, signed_out):
        assert "This form is too large to be sent again from here." in is_page(response, 403)
        assert len(response.content) < 10_000


def test_an_old_page_to_sign_in_is_loaded_anew() -> None:
    User.objects.create_superuser("anna", password="secret")
    client = Client(enforce_csrf_checks=True, headers=OURS)
    address = "/admin/login/?next=/admin/catalogue/category/"
    typed = {"username": "anna", "password": "secret"}
    is_page(client.post(address, typed), 403)  # which may be for want of cookies

    old = fields_of(client.get(address))
    client.cookies.clear()
    client.get(address)
    response = client.post(address, old | typed, follow=True)

    assert response.redirect_chain == [(address, 302)]
    assert "This page was out of date. Sign in once more." in response.content.decode()
    assert client.post(address, fields_of(response) | typed).status_code == 302
    again = client.post(address, old | typed, follow=True)  # by the browser's way back
    assert "Sign in once more." not in again.content.decode()


def test_only_a_form_is_told_that_nothing_was_saved() -> None:
    text = is_page(signed_in("anna").get("/admin/catalogue/category/?q=%00"), 400)
    assert "This address cannot be read" in text
    assert "Nothing was saved" not in text


def test_no_password_is_kept_on_a_page() -> None:
    response = Client().post("/admin/password_change/", {"old_password": "secret"})
    assert "secret" not in is_page(response, 403)


def test_a_filter_that_a_list_does_not_have_is_told() -> None:
    response = signed_in("anna").get("/admin/catalogue/category/?nonsense=1", follow=True)
    assert "This list cannot be filtered like that" in response.content.decode()


def _sign_in(client: Client) -> None:
    form = fields_of(client.get("/admin/login/"))
    signed = client.post("/admin/login/", form | {"username": "anna", "password": "secret"})
    assert signed.status_code == 302
