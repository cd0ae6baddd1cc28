"""The demo shop as it is generated: exact numbers, and pictures that are there."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from itertools import islice

from PIL import Image

from product_service.demo.generator import products
from product_service.demo.pictures import FOLDER, manifest
from product_service.demo.specials import SPECIALS
from product_service.demo.tables import ATTRIBUTES, BRANDS, CATEGORIES

SHOP = tuple(products())
PUBLISHED = [product for product in SHOP if product.is_published]


def test_the_shop_has_the_promised_size() -> None:
    assert len(SHOP) == len({product.slug for product in SHOP}) == 200
    skus = [variant.sku for product in SHOP for variant in product.variants]
    assert len(skus) == len(set(skus)) == 480
    assert len(CATEGORIES) == 12
    assert sum(not node.parent for node in CATEGORIES) == 6
    assert {product.brand for product in SHOP} == set(BRANDS)
    assert len(BRANDS) == 14
    assert max(len(product.variants) for product in SHOP) == 24


def test_stock_and_reductions_are_spread_as_promised() -> None:
    most = Counter(
        "out" if not left else "low" if left <= 5 else "many"
        for product in PUBLISHED
        for left in [max(variant.stock for variant in product.variants)]
    )
    assert most == {"out": 8, "low": 12, "many": 177}
    assert sum(product.variants[0].prior_price is not None for product in PUBLISHED) == 30
    assert len(SHOP) - len(PUBLISHED) == 3


def test_it_is_the_same_every_time_and_at_every_size() -> None:
    assert tuple(products()) == SHOP
    assert tuple(islice(products(450), 200)) == SHOP
    assert len({product.slug for product in products(450)}) == 450


def test_every_product_has_specs_of_its_kind() -> None:
    key = {fact.code for fact in ATTRIBUTES if fact.is_key_spec}
    for product in SHOP:
        assert 8 <= len(product.specs) <= 14, product.slug
        assert len(key & set(product.specs)) >= 3, product.slug
        assert product.specs.keys() <= {fact.code for fact in ATTRIBUTES}


def test_prices_are_plausible() -> None:
    for product in SHOP:
        for variant in product.variants:
            assert 9 < variant.price < 3000, variant.sku
            if variant.prior_price is not None:
                assert variant.price < variant.prior_price < variant.price * 2, variant.sku


def test_texts_are_there_and_unlike() -> None:
    descriptions = [product.description for product in SHOP]
    assert min(map(len, descriptions)) > 80
    assert len(set(descriptions)) >= 180
    assert SPECIALS.keys() <= {product.slug for product in PUBLISHED}
    assert max(len(product.name) for product in SHOP) == 186


def test_every_picture_that_products_name_is_in_the_manifest() -> None:
    named = {variant.picture for product in SHOP for variant in product.variants}
    named |= {picture for product in SHOP for picture in product.pictures}
    assert named - manifest().keys() == set()
    assert len(named) == 163
    assert len({name.rsplit("-", 2)[0] for name in named}) == 48  # shapes


def test_the_manifest_lists_the_files_that_are_there_and_no_other() -> None:
    pictures = manifest().values()
    assert {path.name for path in FOLDER.iterdir()} == {
        "manifest.json",
        *(f"{picture.sha256}.webp" for picture in pictures),
    }
    for picture in pictures:
        content = picture.read()
        assert hashlib.sha256(content).hexdigest() == picture.sha256
        with Image.open(io.BytesIO(content)) as opened:
            assert (opened.format, opened.size) == ("WEBP", (picture.width, picture.height))
        assert (picture.width, picture.height) == (560, 560)
        assert len(content) <= 15 * 1024


def test_a_picture_is_named_and_described_by_its_finish() -> None:
    for name, picture in manifest().items():
        assert picture.alt.startswith(f"{name.split('-')[-2].title()} "), name


def test_pictures_are_light_in_all() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.webp")) <= 1.5 * 1024 * 1024
