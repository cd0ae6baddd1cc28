"""Nonsense gets a page in the shop's look before anything of a visitor is read; one line tells."""

from __future__ import annotations

import pytest
from django.test import Client

from chassis.tests import hostile
from storefront.tests.routes import PATHS

ALL = hostile.ANYWHERE | hostile.FORMS
pytestmark = pytest.mark.django_db


def assert_is_refused(client: Client, path: str, sent: hostile.Sent, status: int) -> None:
    with hostile.log_lines() as lines:
        response = hostile.answer_to(client, path, sent)
    assert (response.status_code, response["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert "Go to the home page" in response.content.decode()
    assert "Content-Security-Policy" in response
    assert "Set-Cookie" not in response
    hostile.assert_is_one_short_warning(lines)


@pytest.mark.parametrize(("sent", "status"), ALL.values(), ids=ALL)
def test_nonsense_is_a_page_and_one_short_warning(sent: hostile.Sent, status: int) -> None:
    assert_is_refused(Client(raise_request_exception=False), "/checkout/place/", sent, status)


@pytest.mark.parametrize("path", [*PATHS.values(), "/nowhere/", "/static/nothing.css"])
def test_nonsense_is_refused_before_a_session_is_looked_for(
    path: str, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    client = Client()
    client.cookies["storefront_session"] = "a" * 32
    bare = path.partition("?")[0]
    with django_assert_num_queries(0):  # type: ignore[operator]
        for sent, status in hostile.ANYWHERE.values():
            assert_is_refused(client, bare, sent, status)


def test_a_form_without_its_token_is_one_short_warning() -> None:
    with hostile.log_lines() as lines:
        Client(enforce_csrf_checks=True).post("/cart/add/", {"sku": "TK-1"})
    hostile.assert_is_one_short_warning(lines)
