"""Pages of the catalogue: home, category, search, product."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from storefront import metrics
from storefront.catalogue import reading
from storefront.catalogue.choices import choices
from storefront.catalogue.forms import ListForm, SearchForm
from storefront.clients.product_answers import Listing, Product, Variant
from storefront.last_known import Shown

PAGE_SIZE = 20  # a page stays within 25 requests, pictures included
SHELF_SIZE = 8
BUYING_PAUSED = "Ordering is paused for the moment because we can't check our stock."

# Each page shows its visitor's basket: a browser may keep it and ask again, nobody between may.
for_one_visitor = cache_control(private=True, no_cache=True)


@for_one_visitor
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    newest = reading.listing(page_size=SHELF_SIZE + 1, sort="newest", in_stock="1")
    first, *shelf = newest.value.items or (None,)
    context = {"featured": first, "shelf": shelf, "as_of": newest.as_of}
    return render(request, "catalogue/home.html", context)


@for_one_visitor
@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    form = ListForm(request.GET)
    if not form.is_valid():
        return _wrong_address(request, form)
    *trail, here = reading.way_to_category(slug)
    shown = reading.listing(
        page_size=PAGE_SIZE, page=form.page_number, category=slug, **form.filters
    )
    context = {"category": here, "trail": trail, **_list_context(request, form, shown)}
    return render(request, "catalogue/category.html", context)


@for_one_visitor
@require_safe
def products(request: HttpRequest) -> HttpResponse:
    """Everything that is sold, in whatever category it is."""
    form = ListForm(request.GET)
    if not form.is_valid():
        return _wrong_address(request, form)
    shown = reading.listing(page_size=PAGE_SIZE, page=form.page_number, **form.filters)
    return render(request, "catalogue/products.html", _list_context(request, form, shown))


@for_one_visitor
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    if not form.is_valid():
        return _wrong_address(request, form)
    words = form.cleaned_data["q"]
    context: dict[str, object] = {"words": words, "form": form}
    if words:
        found = reading.search(q=words, page_size=PAGE_SIZE, page=form.page_number, **form.filters)
        context |= {"listing": found, "links": _page_links(request, found)}
    return render(request, "catalogue/search.html", context)


@for_one_visitor
@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    shown = reading.product(slug)
    metrics.step(request, "product_view")
    context = _product_context(shown, request.GET.get("sku", ""))
    return render(request, "catalogue/product.html", context)


def _product_context(shown: Shown[Product], sku: str) -> Mapping[str, object]:
    """The page of a product with the variant that the address names, or its default one."""
    product = shown.value
    variant = product.variant(sku) or product.variant(product.default_sku) or product.variants[0]
    return {
        "product": product,
        "variant": variant,
        "choices": choices(product, variant),
        "pictures": _pictures(product, variant),
        "as_of": shown.as_of,
        "no_buying": _no_buying(shown, variant),
    }


def _no_buying(shown: Shown[Product], variant: Variant) -> str:
    if shown.as_of is not None:
        return BUYING_PAUSED
    if variant.availability == "sold_out":
        return "This version is sold out."
    return ""


def _pictures(product: Product, variant: Variant) -> list[object]:
    """The variant's own picture first, then the product's others."""
    pictures = [variant.image, *product.images]
    return list({one.url: one for one in pictures if one is not None}.values())


def _list_context(
    request: HttpRequest, form: ListForm, shown: Shown[Listing]
) -> Mapping[str, object]:
    """A page of a list, how old it is if it is the last one known, and its neighbours."""
    return {
        "form": form,
        "listing": shown.value,
        "as_of": shown.as_of,
        "links": _page_links(request, shown.value),
    }


def _page_links(request: HttpRequest, listing: Listing) -> dict[str, str]:
    """Addresses of the pages before and after this one, with the same filters."""
    neighbours = {"previous": listing.page - 1, "next": listing.page + 1}
    kept = {name: value for name, value in request.GET.items() if name != "page" and value}
    return {
        name: "?" + urlencode({**kept, "page": page})
        for name, page in neighbours.items()
        if 1 <= page <= listing.pages
    }


def _wrong_address(request: HttpRequest, form: ListForm) -> HttpResponse:
    if "page" in form.errors:
        raise reading.NoSuchPage
    problems = [message for messages in form.errors.values() for message in messages]
    return render(request, "errors/400.html", {"problems": problems}, status=400)
