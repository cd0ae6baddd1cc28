"""Many products published, hidden or moved at once, and the way back."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from product_service.catalogue.models import Product
from product_service.tests.backoffice.choosing import address, choose, confirm, preview, undo
from product_service.tests.backoffice.test_admin_pages import assert_nothing_inline
from product_service.tests.factories import make_category, make_product

pytestmark = pytest.mark.django_db


def published() -> set[str]:
    return set(Product.objects.filter(is_published=True).values_list("name", flat=True))


def test_publishing_tells_first_what_it_will_do_and_can_be_undone(anna: Client) -> None:
    shown = make_product("Shown")
    drafts = [make_product(name, is_published=False) for name in ("Draft 1", "Draft 2")]
    gone = make_product("Gone", is_published=False, deleted_at=timezone.now())
    data = {"action": "publish", "_selected_action": [gone.pk]}
    asked = anna.post("/admin/catalogue/product/?visible=removed", data, follow=True)
    assert "bulk" not in asked.request["PATH_INFO"]  # removed products are restored first

    page = choose(anna, "publish", [shown, *drafts])

    text = page.content.decode()
    assert "2 products will be in the shop." in text
    assert "1 stays as it is." in text
    assert 'value="Publish 2 products"' in text
    assert published() == {"Shown"}
    made = confirm(anna, page)
    assert "2 products were published. 1 stays as it is." in made.content.decode()
    assert published() == {"Shown", "Draft 1", "Draft 2"}
    Product.objects.filter(name="Draft 1").update(is_published=False)

    text = undo(anna, made).content.decode()

    assert "1 change is undone." in text
    assert "1 stays as it is, because it was changed since." in text
    assert published() == {"Shown"}
    entry = LogEntry.objects.filter(object_id=str(drafts[1].pk)).earliest("pk")
    assert entry.get_change_message().endswith("(Published).")


def test_hiding_is_undone_where_there_is_something_to_buy(anna: Client) -> None:
    full, empty = make_product("Full"), make_product("Empty")
    made = confirm(anna, choose(anna, "unpublish", [full, empty]))
    assert published() == set()
    empty.variants.update(is_active=False)

    undo(anna, made)

    assert published() == {"Full"}


def test_moving_and_back(anna: Client) -> None:
    home, away = make_category(name="Home"), make_category(name="Away", parent=make_category())
    staying, gone = make_product("Staying", category=away), make_product("Gone", category=home)
    page = choose(anna, "move", [staying, gone])
    assert "This field is required." in preview(anna, page, category="").content.decode()

    seen = preview(anna, page, category=away.pk)

    assert "1 product moves." in seen.content.decode()
    assert "<td>Home</td><td><b>Away</b></td>" in seen.content.decode().replace("\n", "")
    made = confirm(anna, seen, reason="Spring cleaning")
    assert Product.objects.filter(category=away).count() == 2
    assert "(Away). Reason: Spring cleaning" in LogEntry.objects.get().get_change_message()
    undo(anna, made)
    assert Product.objects.get(category=home) == gone


def test_its_pages_have_nothing_inline(anna: Client) -> None:
    page = choose(anna, "change_prices", [make_product()])
    seen = preview(anna, page, how="up", by="5")
    made = confirm(anna, seen, reason="New list")
    for each in (page, seen, made, anna.get("/admin/bulk/bulkchange/")):
        assert_nothing_inline(each)
    assert address(anna.get(address(seen), follow=True)) == address(made)


def test_a_preview_of_nothing_offers_no_button(anna: Client) -> None:
    page = choose(anna, "publish", [make_product("Shown")]).content.decode()
    assert "0 products will be in the shop." in page
    assert 'name="_make"' not in page
