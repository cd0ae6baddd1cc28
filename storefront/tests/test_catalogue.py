"""Home, category, search and product pages."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urlencode

import pytest
from pytest_django import Settings

from storefront.clients import calls
from storefront.tests.shopper import Shopper
from storefront.tests.stubs.products import IMAGE, SHA, TOKEN, Catalogue
from storefront.tests.stubs.server import Stub


def test_home_shows_the_newest_products_and_every_aisle(shopper: Shopper) -> None:
    page = shopper.open("/")
    assert page.status == 200
    assert "Nordlicht 14" in page  # the newest is the featured one
    assert page.html.count('class="card"') == 8
    assert 'href="/c/laptops/"' in page
    assert 'href="/c/headphones/"' in page


def test_each_id_of_a_page_is_there_once_whatever_letters_its_options_have(
    shopper: Shopper, catalogue: Catalogue
) -> None:
    for variant in catalogue.items[0].variants:
        variant.options = dict(zip(("色", "容量"), variant.options.values(), strict=True))
    page = shopper.open("/p/nordlicht-14/?sku=NL14-G-512")
    ids = re.findall(r' id="([^"]*)"', page.html)
    assert sum(one.startswith("pick_") for one in ids) == 3
    assert sorted(ids) == sorted(set(ids))


def test_browsing_sets_no_cookie_but_the_csrf_one(shopper: Shopper) -> None:
    shopper.open("/")
    shopper.open("/p/nordlicht-14/")
    assert set(shopper.client.cookies) == {"storefront_csrf"}


def test_category_has_twenty_products_a_page(shopper: Shopper) -> None:
    page = shopper.open("/c/headphones/?in_stock=1")
    assert "26 products" in page
    assert page.html.count('class="card"') == 20
    assert "Page 1 of 2" in page
    assert 'href="?in_stock=1&amp;page=2"' in page
    second = shopper.open("/c/headphones/?in_stock=1&page=2")
    assert second.html.count('class="card"') == 6
    assert 'rel="next"' not in second


def test_category_begins_with_the_newest_and_a_search_with_the_best_match(
    shopper: Shopper,
) -> None:
    assert "Best match" not in shopper.open("/c/headphones/")
    assert "Best match" in shopper.open("/search/?q=hall")


def test_filters_reach_the_service(shopper: Shopper, product_service: Stub) -> None:
    shopper.open("/c/headphones/?sort=-price&in_stock=1")
    asked = [one.params for one in product_service.requests if one.path == "/v1/products"]
    assert asked == [
        {
            "category": "headphones",
            "sort": "-price",
            "in_stock": "1",
            "page": "1",
            "page_size": "20",
        }
    ]


@pytest.mark.parametrize("words", ["%", "_", "-", '"', "😀"])
def test_a_search_with_nothing_to_look_for_says_so_and_shows_no_product(
    shopper: Shopper, words: str
) -> None:
    page = shopper.open(f"/search/?{urlencode({'q': words})}")
    assert f"There is nothing to search for in “{escape(words)}”." in page.html
    assert "0 products" in page
    assert 'class="card"' not in page.html


@pytest.mark.parametrize("path", ["/", "/c/headphones/", "/p/nordlicht-14/", "/products/"])
def test_every_picture_offers_its_sizes(shopper: Shopper, path: str) -> None:
    pictures = re.findall("<img [^>]*>", shopper.open(path).html)
    assert pictures
    for tag in pictures:
        assert f'src="/media/{SHA}.webp?32"' in tag
        assert f'srcset="/media/{SHA}.webp?32 32w, /media/{SHA}.webp 64w"' in tag
        assert re.search(r'sizes="[^"]*\d(rem|vw)"', tag)


def test_a_picture_without_sizes_is_shown_as_it_is(
    shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(IMAGE, "sizes", [])  # until make_picture_sizes has run
    page = shopper.open("/").html
    assert f'src="/media/{SHA}.webp"' in page
    assert "srcset" not in page


@pytest.mark.parametrize("path", ["/c/headphones/?", "/search/?q=hall&"])
def test_nonsense_filters_are_refused_with_a_page(shopper: Shopper, path: str) -> None:
    page = shopper.open(f"{path}sort=drop")
    assert page.status == 400
    assert "That didn’t work" in page


@pytest.mark.parametrize("page", ["3", "999", "10001", "1000000000", "0", "-1", "abc", "1.5", "²"])
@pytest.mark.parametrize("path", ["/c/headphones/?sort=name", "/search/?q=hall&sort=name"])
def test_page_that_a_list_does_not_have_leads_to_its_first(
    shopper: Shopper, path: str, page: str
) -> None:
    answer = shopper.open(f"{path}&page={page}")
    assert answer.status == 404
    assert "This page of the list doesn’t exist" in answer
    assert f'href="{path.replace("&", "&amp;")}"' in answer


def test_first_page_of_an_empty_list_is_there(shopper: Shopper) -> None:
    page = shopper.open("/c/tactile/?page=1")
    assert page.status == 200
    assert "No products match." in page


def test_unknown_category_is_not_found(shopper: Shopper) -> None:
    assert shopper.open("/c/submarines/").status == 404


@pytest.mark.parametrize("path", ["/", "/c/headphones/", "/search/?q=hall"])
def test_a_wrong_address_of_the_service_is_our_mistake_and_no_missing_page(
    shopper: Shopper, settings: Settings, path: str
) -> None:
    settings.PRODUCT_SERVICE_URL += "/elsewhere"
    calls.client.cache_clear()
    shopper.client.raise_request_exception = False
    assert shopper.open(path).status == 500


def test_category_that_was_just_deleted_is_not_found(
    shopper: Shopper, catalogue: Catalogue
) -> None:
    shopper.open("/")  # the navigation is known for a while
    del catalogue.names["tactile"]
    assert shopper.open("/c/tactile/").status == 404


def test_category_of_any_depth_has_a_page_and_the_way_to_it(
    shopper: Shopper, catalogue: Catalogue
) -> None:
    found = catalogue.find("TK-1")
    assert found is not None
    found[0].category = "tactile"
    assert 'href="/c/tactile/"' in shopper.open("/c/keyboards/")
    page = shopper.open("/c/tactile/")
    assert page.status == 200
    assert "Takt Keys" in page
    way = page.html.partition('aria-label="You are here"')[2].partition("</nav>")[0]
    assert re.findall('href="([^"]*)"', way) == ["/", "/c/desk/", "/c/keyboards/"]


def test_search_finds_by_word(shopper: Shopper) -> None:
    page = shopper.open("/search/?q=kolibri")
    assert page.status == 200
    assert "1 product<" in page
    assert 'href="/p/kolibri-buds/"' in page
    assert '<meta name="robots" content="noindex">' in page


def test_search_without_result_offers_the_categories(shopper: Shopper) -> None:
    page = shopper.open("/search/?q=submarine")
    assert page.status == 200
    assert "We found no products." in page
    assert 'href="/c/laptops/"' in page


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20"])
def test_empty_search_asks_for_words(shopper: Shopper, query: str) -> None:
    page = shopper.open(f"/search/{query}")
    assert page.status == 200
    assert "What are you looking for?" in page


def test_search_words_are_escaped(shopper: Shopper) -> None:
    page = shopper.open("/search/?q=<script>alert(1)</script>")
    assert "<script>alert" not in page


@pytest.mark.parametrize("query", ["q=" + "x" * 101, "q=a%00b"])
def test_hostile_search_words_are_a_bad_request(shopper: Shopper, query: str) -> None:
    assert shopper.open(f"/search/?{query}").status == 400


def test_product_shows_its_default_variant(shopper: Shopper) -> None:
    page = shopper.open("/p/nordlicht-14/")
    assert page.status == 200
    assert "€1,199.00" in page
    assert 'name="sku" value="NL14-G-256"' in page
    assert "In stock" in page


def test_variant_comes_from_the_address(shopper: Shopper) -> None:
    page = shopper.open("/p/nordlicht-14/?sku=NL14-G-512")
    assert "€1,399.00" in page
    assert 'name="sku" value="NL14-G-512"' in page


def test_impossible_combination_says_why(shopper: Shopper) -> None:
    page = shopper.open("/p/nordlicht-14/?sku=NL14-G-512")
    assert "not with 512 GB" in page  # silver is made with 256 GB only
    assert 'href="/p/nordlicht-14/?sku=NL14-S-256"' not in page


def test_sold_out_variant_cannot_be_bought(shopper: Shopper) -> None:
    page = shopper.open("/p/nordlicht-14/?sku=NL14-S-256")
    assert "This version is sold out." in page
    assert 'type="submit" disabled' in page


def test_unknown_variant_shows_the_default_one(shopper: Shopper) -> None:
    assert 'name="sku" value="NL14-G-256"' in shopper.open("/p/nordlicht-14/?sku=nothing")


def test_sale_shows_the_price_before(shopper: Shopper) -> None:
    page = shopper.open("/p/kolibri-buds/")
    assert "€49.90" in page
    assert "<s>€69.90</s>" in page
    assert "Only a few left" in page


def test_a_former_address_leads_to_the_present_one(shopper: Shopper, catalogue: Catalogue) -> None:
    catalogue.former_slugs["takt"] = "takt-keys"

    for query in ("", "?sku=TK-1"):
        response = shopper.client.get(f"/p/takt/{query}")
        assert (response.status_code, response["Location"]) == (301, f"/p/takt-keys/{query}")


def test_a_preview_is_shown_to_whoever_has_its_link_and_sells_nothing(
    shopper: Shopper, catalogue: Catalogue
) -> None:
    catalogue.previews[TOKEN] = "nordlicht-14"
    response = shopper.client.get(f"/preview/{TOKEN}/?sku=NL14-G-512")
    page = response.content.decode()

    assert response.status_code == 200
    assert "This is a preview. Shoppers see the product once it is published." in page
    assert "This is a preview: nothing can be bought here." in page
    assert f'href="/preview/{TOKEN}/?sku=NL14-G-256"' in page
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    catalogue.previews.clear()
    for address in (f"/preview/{TOKEN}/", "/preview/..%2Fproducts/", "/preview/short/"):
        assert shopper.client.get(address).status_code == 404


def test_what_the_law_asks_for_is_on_the_page(shopper: Shopper) -> None:
    page = shopper.open("/p/kolibri-buds/")
    assert "Lowest price of the 30 days before the reduction: €59.90" in page
    assert "€7.96 per kg" in page
    assert "<p>Made for <strong>long</strong> days.</p>" in page
    assert "Manufacturer</h3><p>Acme<br>acme@example.org</p>" in page
    assert "Responsible person in the EU</h3>" in page
    assert "Lowest price" not in shopper.open("/p/takt-keys/")


def test_missing_product_searches_the_words_of_its_address(
    shopper: Shopper, catalogue: Catalogue
) -> None:
    page = shopper.open("/p/kolibri-buds-max/")
    assert page.status == 404
    assert "We couldn’t find that page" in page
    assert 'href="/p/kolibri-buds/"' in page
