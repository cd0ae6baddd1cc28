"""Addresses that no page of a back office links to, made from what its site has registered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from django.contrib.admin import ModelAdmin
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from tests.effort import tries

LOOKUPS = {
    "regex": "(",
    "iregex": "[",
    "gt": "abc",
    "gte": "9" * 30,
    "in": "a,b,,",
    "range": "1",
    "isnull": "maybe",
    "year": "x",
    "exact": "\ufffd",
    "nonsense": "1",
}
QUERIES = (
    *("o=x.-.99.1e9", "o=-", "p=-1", "p=x", "p=" + "9" * 30, "p=" + "9" * 5000),
    *("all=", "e=1", "e=1&p=-1", "_facets=True", "_popup=1", "_popup=x&_to_field=id"),
    *("_to_field=email", "_to_field=nonsense", "_changelist_filters=%FF%26"),
    *("q=" + "a+" * 5000, "q=" + "a" * 10_000, "q='", "q=%22", "q=%25_%5C", "q=%ED%A0%80", "q=%00"),
    *("nonsense=1", "nonsense__x__y=1", "pk__regex=(", "pk=abc", "__=1", "=1"),
)
KEYS = ("abc", "-1", "9" * 30, "_5F", "1_2F", "%FF", "é", "1.5")
PAGES = ("change", "history", "delete")
SELECTIONS = (["abc"], ["9" * 30], ["-1", "é"], ["\ufffd"], ["1"] * 200)


def broken_by(client: Client, pages: ModelAdmin[Any]) -> list[str]:
    """The addresses and forms of `pages` that are answered by neither a page nor a refusal.

    A usual run takes one of 23 addresses and one of five forms.
    """
    client.raise_request_exception = False
    addresses = [*_lists(pages), *_rows(pages)][:: tries(23, 1)]
    forms = list(_forms(pages))[:: tries(5, 1)]
    found = [(address, client.get(address).status_code) for address in addresses]
    found += [(f"{data}", client.post(_list(pages), data).status_code) for data in forms]
    return [f"{status} {asked[:150]}" for asked, status in found if status >= 500]


def _lists(pages: ModelAdmin[Any]) -> Iterator[str]:
    names = [field.name for field in pages.model._meta.get_fields()]
    lookups = {f"{name}__regex": "(" for name in names}
    lookups |= {
        f"{name}__{lookup}": value for name in _filtered(pages) for lookup, value in LOOKUPS.items()
    }
    lookups |= {f"{name}__id__regex": "(" for name in names}
    for name, value in lookups.items():
        yield f"{_list(pages)}?{urlencode({name: value})}"
    for query in QUERIES:
        yield f"{_list(pages)}?{query}"


def _filtered(pages: ModelAdmin[Any]) -> Iterator[str]:
    """Fields that the list can be narrowed by, and the key."""
    yield pages.model._meta.pk.name
    for each in pages.list_filter:
        yield str(each[0] if isinstance(each, tuple) else getattr(each, "parameter_name", each))


def _rows(pages: ModelAdmin[Any]) -> Iterator[str]:
    kind = ContentType.objects.get_for_model(pages.model)
    for key in KEYS:
        for page in PAGES:
            yield f"{_list(pages)}{quote(key, '%')}/{page}/"
        yield f"/admin/r/{kind.pk}/{quote(key, '%')}/"
        yield f"/admin/r/{quote(key, '%')}/1/"
    yield f"{_list(pages)}add/?_changelist_filters=%FF&_to_field=x&_popup=1"
    yield reverse("admin:autocomplete") + "?app_label=x&model_name=y&field_name=z&term=(&page=-1"


def _forms(pages: ModelAdmin[Any]) -> Iterator[dict[str, Any]]:
    for action in (*(pages.actions or ()), "nonsense", ""):
        for selected in SELECTIONS:
            yield {"action": action, "_selected_action": selected, "index": "x"}
        yield {"action": action, "_selected_action": ["1"], "select_across": "x"}


def _list(pages: ModelAdmin[Any]) -> str:
    meta = pages.model._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
