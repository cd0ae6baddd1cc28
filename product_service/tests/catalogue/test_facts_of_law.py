"""What the law asks a shop to say: lowest prices before reductions, base prices, who answers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chassis.tests.back_office import Opened, errors_of
from product_service.catalogue import actions, schedule
from product_service.catalogue.models import Price, PriceChange, Product, Variant
from product_service.tests.factories import make_image, make_product

pytestmark = pytest.mark.django_db
NONE: str | None = None


def variant_at(client: Client, product: Product) -> dict[str, Any]:
    (variant,) = client.get(f"/v1/products/{product.slug}").json()["variants"]
    return dict(variant)


def history(variant: Variant, *rows: tuple[int, str, str | None]) -> None:
    """Prices of the variant: since how many days, the amount and the price before."""
    PriceChange.objects.filter(variant=variant).delete()
    for days, amount, prior in rows:
        PriceChange.objects.create(
            variant=variant,
            amount=Decimal(amount),
            prior_amount=prior and Decimal(prior),
            at=timezone.now() - timedelta(days=days),
        )
    _, amount, prior = rows[-1]
    Price.objects.filter(variant=variant).update(
        amount=Decimal(amount), prior_amount=prior and Decimal(prior)
    )


@pytest.mark.parametrize(
    ("rows", "lowest"),
    [
        pytest.param([(50, "20", NONE)], None, id="not reduced"),
        pytest.param([(50, "20", NONE), (5, "15", "20")], "20.00", id="one price before"),
        pytest.param(
            [(50, "18", NONE), (20, "20", NONE), (5, "15", "20")], "18.00", id="raised before"
        ),
        pytest.param(
            [(90, "10", NONE), (36, "20", NONE), (5, "15", "20")], "20.00", id="too long ago"
        ),
        pytest.param(
            [(90, "10", NONE), (34, "20", NONE), (5, "15", "20")], "10.00", id="just in time"
        ),
        pytest.param(
            [(50, "20", NONE), (9, "15", "20"), (5, "12", "20")], "20.00", id="further reduced"
        ),
        pytest.param(
            [(50, "9", "12"), (25, "20", NONE), (5, "15", "20")], "9.00", id="a sale before"
        ),
        pytest.param([(5, "15", "20")], "20.00", id="nothing known before"),
    ],
)
def test_a_reduction_is_told_with_the_lowest_price_of_30_days_before(
    client: Client, rows: list[tuple[int, str, str | None]], lowest: str | None
) -> None:
    product = make_product()
    history(product.variants.get(), *rows)

    told = variant_at(client, product)["lowest_price"]

    assert (told and told["amount"]) == lowest


def test_every_change_of_a_price_is_remembered_whoever_makes_it(admin_client: Client) -> None:
    product = make_product(price="20")
    variant = product.variants.get()
    PriceChange.objects.all().delete()  # as of a variant that is older than the memory

    actions.change_price(variant=variant, amount=Decimal(18))
    Price.objects.filter(variant=variant).update(amount=Decimal(18))  # no change
    Price.objects.filter(variant=variant).update(amount=Decimal(17), prior_amount=Decimal(20))

    found = PriceChange.objects.values_list("amount", "prior_amount")
    told = [(str(amount), prior and str(prior)) for amount, prior in found]
    assert told == [("17.00", "20.00"), ("18.00", None), ("20.00", None)]
    page = admin_client.get(f"/admin/catalogue/pricechange/?q={variant.sku}").content.decode()
    assert page.count('class="field-amount"') == 3
    assert admin_client.post("/admin/catalogue/pricechange/add/").status_code == 403


@pytest.mark.parametrize(
    ("content", "unit", "told"),
    [
        ("250", "g", ("79.60", "kg")),
        ("0.75", "l", ("26.53", "l")),
        ("200", "cm", ("9.95", "m")),
        ("2.5", "m2", ("7.96", "m²")),
        ("", "g", None),
        ("250", "", None),
    ],
)
def test_a_base_price_is_told_for_the_unit_of_the_law(
    admin_client: Client, client: Client, content: str, unit: str, told: Any
) -> None:
    product = make_product(price="19.90")

    response = Opened(admin_client, product).save(
        content_unit=unit, **{"variants-0-content": content}
    )

    assert response.status_code == 302, errors_of(response)
    found = variant_at(client, product)["unit_price"]
    assert (found and (found["price"]["amount"], found["unit"])) == told


def test_who_answers_for_a_product_is_told(admin_client: Client, client: Client) -> None:
    product = make_product()

    Opened(admin_client, product).save(manufacturer="Acme\nacme@example.org")

    page = client.get(f"/v1/products/{product.slug}").json()
    assert page["manufacturer"].splitlines() == ["Acme", "acme@example.org"]
    assert page["responsible_person"] == ""


def test_a_draft_is_published_when_its_time_has_come(admin_client: Client, client: Client) -> None:
    product = make_product(is_published=False, published_at=None)
    image = make_image(product)
    assert Opened(admin_client, product).save(publish_at="2099-01-01T09:00").status_code == 302
    assert schedule.publish_due() == 0

    assert Opened(admin_client, product).save(publish_at="2020-01-01T09:00").status_code == 302
    type(image).objects.update(needs_alt=True)
    assert schedule.publish_due() == 0
    type(image).objects.update(needs_alt=False)
    assert schedule.publish_due() == 1

    product.refresh_from_db()
    assert (product.is_published, product.publish_at) == (True, None)
    assert schedule.publish_due() == 0
    actions.unpublish(products=[product])
    assert schedule.publish_due() == 0
