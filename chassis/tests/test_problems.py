"""Every refusal has one shape: problem+json with a stable code and the request id."""

from typing import Any

import pytest
from django.db import DataError, InternalError, OperationalError, connection, transaction
from django.test import Client

from chassis.auth import TokenSigner
from chassis.errors import ServiceUnavailable, as_domain_error
from chassis.lost_database import lost_database
from chassis.tests.test_auth import new_key
from chassis.tests.urls import WRAPPERS
from tests.idling import session_ended_by_the_server

CART = {
    "lines": [{"sku": "A-1", "quantity": 1}],
    "total": {"amount": "19.90", "currency": "EUR"},
}


def post(body: object) -> Any:
    return Client().post("/cart/", body, content_type="application/json")


def test_a_good_body_is_answered() -> None:
    assert post(CART).json() == {"total": {"amount": "19.90", "currency": "EUR"}}


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"colour": "red"}, "/colour", "unknown_field"),
        ({"lines": [{"sku": "A", "quantity": 0}]}, "/lines/0/quantity", "min_value"),
        ({"lines": [{"sku": "A", "quantity": -1}]}, "/lines/0/quantity", "min_value"),
        ({"lines": [{"sku": "A", "quantity": 10**9}]}, "/lines/0/quantity", "max_value"),
        ({"lines": [{"sku": "A", "quantity": "x"}]}, "/lines/0/quantity", "invalid"),
        (
            {"lines": [{"sku": "A\0", "quantity": 1}]},
            "/lines/0/sku",
            "null_characters_not_allowed",
        ),
        ({"lines": [{"quantity": 1}]}, "/lines/0/sku", "required"),
        ({"total": "19.90"}, "/total", "invalid_money"),
        ({"total": {"amount": 19.9, "currency": "EUR"}}, "/total", "invalid_money"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], pointer: str, code: str) -> None:
    response = post({**CART, **change})
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (body["code"], body["status"], body["instance"]) == ("invalid", 400, "/cart/")
    assert [(error["pointer"], error["code"]) for error in body["errors"]] == [(pointer, code)]
    assert body["request_id"] == response["X-Request-ID"]


@pytest.mark.parametrize("body", ["{", "", "[1,", "\0"])
def test_malformed_json_is_a_400(body: str) -> None:
    response = post(body)
    assert (response.status_code, response.json()["code"]) in [
        (400, "malformed_json"),
        (400, "invalid"),
    ]


def test_a_list_instead_of_an_object_is_a_400() -> None:
    assert post([1]).status_code == 400


def test_a_body_over_64_kib_is_a_413() -> None:
    response = post({"x": "y" * 70_000})
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


def test_a_prefix_may_have_a_higher_limit() -> None:
    response = Client().post("/upload/", "y" * 70_000, content_type="text/plain")
    assert response.status_code == 200


@pytest.mark.parametrize("address", ["/echo/?q=%00", "/echo%00/"])
def test_a_nul_byte_in_the_address_is_a_400(address: str) -> None:
    assert Client().get(address).status_code == 400


@pytest.mark.parametrize("cookie", ['session="abc\\000"', "session=abc\0", "\0"])
def test_a_nul_byte_in_a_cookie_is_a_400(cookie: str) -> None:
    assert Client().get("/echo/", headers={"Cookie": cookie}).status_code == 400


def test_a_refusal_keeps_its_extras_and_headers() -> None:
    response = Client().get("/conflict/")
    assert (response.status_code, response["Retry-After"]) == (409, "1")
    assert response.json()["total"] == "1.00"


def test_a_database_that_is_away_is_a_503_with_retry_after() -> None:
    response = Client().get("/database-away/")
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert int(response["Retry-After"]) > 0


@pytest.mark.parametrize("name", WRAPPERS)
@pytest.mark.parametrize("start", ["", "/api"], ids=["django", "drf"])
def test_a_lost_database_behind_any_exception_is_a_503(start: str, name: str) -> None:
    response = Client().get(f"{start}/wrapped/{name}/")
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert int(response["Retry-After"]) > 0


def test_an_exception_that_is_its_own_cause_is_no_endless_loop() -> None:
    error = ValueError()
    error.__cause__ = error
    assert lost_database(error) is None


def test_a_lost_database_that_was_dealt_with_is_not_behind_another_exception() -> None:
    bug = ValueError()
    bug.__context__ = OperationalError("the connection is lost")
    assert lost_database(bug) is bug.__context__
    bug.__suppress_context__ = True  # as `from None` does
    assert lost_database(bug) is None


@pytest.mark.django_db
def test_a_database_that_a_failover_left_read_only_is_lost() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        with pytest.raises(InternalError) as told, transaction.atomic():
            cursor.execute("CREATE TABLE written ()")
    assert isinstance(as_domain_error(told.value), ServiceUnavailable)


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_idled_for_too_long_is_a_503_as_well() -> None:
    with session_ended_by_the_server():
        response = Client().get("/statement/")
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert int(response["Retry-After"]) > 0
    assert Client().get("/statement/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_statement_in_a_transaction_that_failed_is_a_bug() -> None:
    """For Django it is an InternalError too."""
    transaction.set_autocommit(False)
    try:
        with connection.cursor() as cursor, pytest.raises(DataError):
            cursor.execute("SELECT 1 / 0")
        response = Client(raise_request_exception=False).get("/statement/")
    finally:
        connection.close()
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")


def test_a_bug_is_a_500_that_tells_the_request_id_and_nothing_else() -> None:
    response = Client(raise_request_exception=False).get("/bug/")
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert response.json()["request_id"] == response["X-Request-ID"]
    assert b"ZeroDivisionError" not in response.content


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [("GET", "/nowhere/", 404, "not_found"), ("GET", "/cart/", 405, "method_not_allowed")],
)
def test_what_is_not_there_is_a_problem_too(
    method: str, address: str, status: int, code: str
) -> None:
    response = Client().generic(method, address)
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize(("sent", "kept"), [("click-12345678", True), ("bad id!", False)])
def test_a_well_shaped_request_id_is_taken_over(sent: str, kept: bool) -> None:
    response = Client().get("/echo/", headers={"X-Request-ID": sent})
    assert (response["X-Request-ID"] == sent) is kept


def test_without_a_token_401_and_with_a_forged_one_401() -> None:
    assert Client().get("/orders/").json()["code"] == "not_authenticated"
    forged = TokenSigner("storefront", new_key()[0]).mint("chassis", "guest:1", "orders")
    response = Client().get("/orders/", headers={"Authorization": f"Bearer {forged}"})
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
    assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize(
    "body",
    [
        {f"k{number}": 1 for number in range(5000)},
        {"x" * 60_000: 1},
        {**CART, "lines": [{}] * 9000},
        {**CART, "lines": [{"sku": "A", "quantity": 1, "x": 1}] * 1500},
        {**CART, "way": "\N{BLACK HEART SUIT}" * 9000},
    ],
)
def test_a_problem_stays_small_whatever_is_wrong(body: object) -> None:
    response = post(body)

    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert len(response.json()["errors"]) <= 20
    assert len(response.content) < 8 * 1024


def test_a_problem_says_how_many_errors_it_leaves_out() -> None:
    problem = post({f"key{number:02}": 1 for number in range(21)}).json()

    assert [error["pointer"] for error in problem["errors"]][::19] == ["/key00", "/key19"]
    assert problem["detail"].endswith("And 1 more.")


def test_a_long_value_and_a_long_path_are_not_repeated() -> None:
    assert len(post({**CART, "way": "x" * 60_000}).content) < 1024
    assert len(Client().get("/" + "x" * 60_000).content) < 1024


def test_a_pointer_spells_slashes_as_rfc_6901_does() -> None:
    problem = post({**CART, "a/b~c": 1}).json()

    assert [error["pointer"] for error in problem["errors"]] == ["/a~1b~0c"]
