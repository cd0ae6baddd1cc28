"""Whatever is put anywhere into a valid body, the answer is a refusal or an order, never a 500."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from order_service.tests.clients import Shopper, order_body, problem_of
from order_service.tests.product_stub import State
from tests.effort import tries

pytestmark = pytest.mark.django_db

Path = tuple[str | int, ...]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(["\0", "\n", "‮", "1E+999999", "Infinity", "-0.00", "x" * 5000, "🛒"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def paths(body: Any, at: Path = ()) -> Iterator[Path]:
    """Every place in a body, the body itself included."""
    yield at
    parts = body.items() if isinstance(body, dict) else enumerate(body)
    for name, part in parts if isinstance(body, (dict, list)) else ():
        yield from paths(part, (*at, name)) if isinstance(part, (dict, list)) else [(*at, name)]


def with_value(body: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(body)
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return changed


def fuzzing(usual: int, thorough: int) -> settings:
    """Hypothesis's settings: so many examples, all in one test's database."""
    unsafe = [HealthCheck.function_scoped_fixture]
    return settings(
        max_examples=tries(usual, thorough), deadline=None, suppress_health_check=unsafe
    )


PLACES = list(paths(order_body()))
CART = {"lines": order_body()["lines"], "country": "DE", "shipping_method": "standard"}
LOOKUP = {"number": "TC-7Q2M9X4B", "email": "ada@example.org"}


@fuzzing(60, 1500)
@given(place=st.sampled_from(PLACES), value=JSON, key=st.uuids())
def test_any_value_anywhere_in_an_order(
    ada: Shopper, shop: State, place: Path, value: Any, key: Any
) -> None:
    body = with_value(order_body(), place, value)
    response = ada.post("/v1/orders", orjson.dumps(body), **{"Idempotency-Key": str(key)})

    if response.status_code != 202:
        status, _ = problem_of(response)
        assert status in (400, 409, 422)


@fuzzing(30, 750)
@given(
    wish=st.sampled_from([("/v1/quotes", CART), ("/v1/orders/lookup", LOOKUP)]),
    place=st.integers(0, 5),
    value=JSON,
)
def test_any_value_anywhere_in_a_quote_or_a_look_up(
    ada: Shopper, shop: State, wish: tuple[str, Any], place: int, value: Any
) -> None:
    path, body = wish
    places = list(paths(body))
    response = ada.post(path, orjson.dumps(with_value(body, places[place % len(places)], value)))

    if response.status_code != 200:
        status, _ = problem_of(response)
        assert status in (400, 404, 422, 429)


@fuzzing(30, 750)
@given(content=st.binary(max_size=200))
def test_any_bytes_as_a_body(ada: Shopper, shop: State, content: bytes) -> None:
    response = ada.post("/v1/orders", content, **{"Idempotency-Key": "k"})

    assert problem_of(response)[0] == 400
