"""Pages of the catalogue: home, category, search, product."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from storefront.catalogue import reading
from storefront.catalogue.choices import choices
from storefront.catalogue.forms import ListForm, SearchForm
from storefront.clients.product_answers import Product, Variant
from storefront.last_known import Shown
from storefront.ready.pages import page

PAGE_SIZE = 20  # a page stays within 25 requests, pictures included
SHELF_SIZE = 8
BUYING_PAUSED = "Ordering is paused for the moment because we can’t check our stock."

# Each page shows its visitor's basket: a browser may keep it and ask again, nobody between may.
for_one_visitor = cache_control(private=True, no_cache=True)


@for_one_visitor
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    newest = reading.listing(page_size=SHELF_SIZE + 1, sort="newest", in_stock="1")
    first, *shelf = newest.value.items or (None,)
    context = {"featured": first, "shelf": shelf, "as_of": newest.as_of}
    return page(request, "catalogue/home.html", context, read={})


@for_one_visitor
@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    *trail, here = reading.way_to_category(slug)
    names = {"category": here, "trail": trail}
    return _list_page(request, "catalogue/category.html", names, category=slug)


@for_one_visitor
@require_safe
def products(request: HttpRequest) -> HttpResponse:
    """Everything that is sold, in whatever category it is."""
    return _list_page(request, "catalogue/products.html", {})


@for_one_visitor
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    if not form.is_valid():
        return _wrong_address(request, form)
    words = form.cleaned_data["q"]
    if not words:
        nothing = dict.fromkeys(form.read, "")
        return page(request, "catalogue/search.html", {"form": form}, read=nothing)
    listing = reading.search(q=words, page_size=PAGE_SIZE, page=form.page_number, **form.filters)
    context = {"words": words, "form": form, "listing": listing}
    # Random words find nothing, and are never kept.
    is_kept = bool(listing.items)
    return page(request, "catalogue/search.html", context, read=form.read, is_kept=is_kept)


@for_one_visitor
@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a product with the variant that the address names, or its default one.

    An address that the product had before leads to the one that it has now.
    """
    shown = reading.product(slug)
    product = shown.value
    if product.slug != slug:
        query = request.META.get("QUERY_STRING", "")
        now = reverse("product", args=[product.slug])
        return redirect(f"{now}?{query}" if query else now, permanent=True)
    variant, read = _chosen(request, product)
    context = {
        **_shown(request, product, variant),
        "as_of": shown.as_of,
        "no_buying": _no_buying(shown, variant),
    }
    return page(request, "catalogue/product.html", context, read=read, step="product_view")


@never_cache
@require_safe
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a product as it will be, for whoever has the link."""
    product = reading.preview(token)
    variant, read = _chosen(request, product)
    context = {
        **_shown(request, product, variant),
        "is_preview": True,
        "no_buying": "This is a preview: nothing can be bought here.",
    }
    response = page(request, "catalogue/product.html", context, read=read, is_kept=False)
    response["X-Robots-Tag"] = "noindex"
    return response


def _chosen(request: HttpRequest, product: Product) -> tuple[Variant, dict[str, str]]:
    """The variant to show, and what the page has read of the address."""
    chosen = product.variant(request.GET.get("sku", ""))
    variant = chosen or product.variant(product.default_sku) or product.variants[0]
    return variant, {"sku": chosen.sku if chosen else ""}


def _shown(request: HttpRequest, product: Product, variant: Variant) -> dict[str, object]:
    pictures = [each for each in (variant.image, *product.images) if each is not None]
    return {
        "product": product,
        "variant": variant,
        "address": request.path,
        "choices": choices(product, variant),
        "pictures": list({each.url: each for each in pictures}.values()),  # each once
    }


def _no_buying(shown: Shown[Product], variant: Variant) -> str:
    if shown.as_of is not None:
        return BUYING_PAUSED
    if variant.availability == "sold_out":
        return "This version is sold out."
    return ""


def _list_page(
    request: HttpRequest, template: str, names: Mapping[str, object], **only: str
) -> HttpResponse:
    """A page of a list, marked as old if it is the last known one."""
    form = ListForm(request.GET)
    if not form.is_valid():
        return _wrong_address(request, form)
    filters = {**only, **form.filters}
    shown = reading.listing(page_size=PAGE_SIZE, page=form.page_number, **filters)
    context = {**names, "form": form, "listing": shown.value, "as_of": shown.as_of}
    return page(request, template, context, read=form.read)


def _wrong_address(request: HttpRequest, form: ListForm) -> HttpResponse:
    if "page" in form.errors:
        raise reading.NoSuchPage
    problems = [message for messages in form.errors.values() for message in messages]
    return render(request, "errors/400.html", {"problems": problems}, status=400)
