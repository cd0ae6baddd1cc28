"""However many orders a call names, it takes the same few statements."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from product_service.inventory.actions import expire_overdue
from product_service.inventory.models import Reservation
from product_service.tests.conftest import OrderService
from product_service.tests.factories import make_stock
from product_service.tests.inventory.test_races import assert_the_books_agree, stock
from product_service.tests.inventory.test_sets import hold, ids, said, work

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [2, 20])
def test_the_statements_of_a_set_do_not_grow_with_it(
    order_service: OrderService, count: int
) -> None:
    """BEGIN and COMMIT are a savepoint here; refusals take two more, however many they are."""
    for number in range(3):
        make_stock(f"SKU-{number}", 1000)
    orders = ids(count)
    wanted = [(each, {f"SKU-{number % 3}": 1}) for number, each in enumerate(orders)]

    with CaptureQueriesContext(connection) as held:
        hold(order_service, wanted)
    with CaptureQueriesContext(connection) as committed:
        work(order_service, "commit", orders)
    with CaptureQueriesContext(connection) as released:
        work(order_service, "release", orders)

    assert [len(each) for each in (held, committed, released)] == [8, 8, 9]


@pytest.mark.parametrize("count", [2, 20])
def test_the_statements_of_a_repeat_do_not_grow_with_it(
    order_service: OrderService, count: int
) -> None:
    """Half of them are overdue, or have expired: they get more time."""
    make_stock("MUG", 1000)
    wanted = [(each, {"MUG": 1}) for each in ids(count)]
    hold(order_service, wanted)
    late = Reservation.objects.filter(pk__in=[each for each, _ in wanted[::2]])
    for state in ("held", "expired"):
        late.update(expires_at="2020-01-01T00:00:00Z")
        if state == "expired":
            expire_overdue()
        with CaptureQueriesContext(connection) as repeated:
            assert said(hold(order_service, wanted)) == ["held"] * count
        assert not Reservation.objects.overdue().exists()
        assert len(repeated) == {"held": 8, "expired": 9}[state]
    assert set(late.values_list("hold", flat=True)) == {2}
    assert stock("MUG") == (1000, count)
    assert_the_books_agree()
