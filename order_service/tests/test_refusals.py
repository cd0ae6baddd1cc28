"""Nonsense gets a problem from the API and a page in the back office, and costs one line."""

from __future__ import annotations

import pytest
from django.test import Client

from chassis.tests import hostile

pytestmark = pytest.mark.django_db
API = ("/v1/orders", "/v1/quotes")
BACK_OFFICE = "/admin/login/"


@pytest.mark.parametrize("path", API)
@pytest.mark.parametrize(("sent", "status"), hostile.ANYWHERE.values(), ids=hostile.ANYWHERE)
def test_nonsense_is_a_problem_of_the_api(path: str, sent: hostile.Sent, status: int) -> None:
    with hostile.log_lines() as lines:
        response = hostile.answer_to(Client(), path, sent)
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response["X-Content-Type-Options"] == "nosniff"
    hostile.assert_is_one_short_warning(lines)


@pytest.mark.parametrize(
    ("sent", "status"),
    (hostile.ANYWHERE | hostile.FORMS).values(),
    ids=hostile.ANYWHERE | hostile.FORMS,
)
def test_nonsense_is_a_page_of_the_back_office(sent: hostile.Sent, status: int) -> None:
    with hostile.log_lines() as lines:
        response = hostile.answer_to(Client(), BACK_OFFICE, sent)
    assert (response.status_code, response["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert "To the front page of the back office" in response.content.decode()
    assert "Content-Security-Policy" in response
    hostile.assert_is_one_short_warning(lines)


def test_a_form_without_its_token_is_refused_in_the_look_of_the_back_office() -> None:
    with hostile.log_lines() as lines:
        response = Client(enforce_csrf_checks=True).post(BACK_OFFICE, {"username": "x"})
    assert response.status_code == 403
    assert "Reload the page" in response.content.decode()
    hostile.assert_is_one_short_warning(lines)


def test_an_address_of_the_back_office_that_leads_nowhere_is_a_page(
    admin_client: Client,
) -> None:
    response = admin_client.get("/admin/nowhere/")
    assert response.status_code == 404
    assert "To the front page of the back office" in response.content.decode()
