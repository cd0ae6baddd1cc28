"""The catalogue of the demo shop, made from the tables: the same for everybody, at any size.

Nothing is random. Product n of each 200 takes its place by n * 83 mod 200, a permutation, so that
drafts, sold out, few left and reduced products lie scattered and their numbers are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import product as pairs
from typing import Any

from django.utils.text import slugify

from product_service.demo.families import computers, desk, home, mobile, sound
from product_service.demo.pictures import manifest, names
from product_service.demo.shop import DemoProduct, DemoVariant, Fact, Family, Series
from product_service.demo.specials import SPECIALS
from product_service.demo.tables import ATTRIBUTES, BRANDS

SKU_PREFIX = "DM-"  # own products never begin so; `remove_demo` goes by it
SHOP_SIZE = 200
FAMILIES = (
    *computers.FAMILIES,
    *desk.FAMILIES,
    *sound.FAMILIES,
    *mobile.FAMILIES,
    *home.FAMILIES,
)
KINDS = {attribute.code: attribute.kind for attribute in ATTRIBUTES}

DRAFTS, SOLD_OUT, LOW, REDUCED = range(3), range(3, 11), range(11, 23), range(23, 53)


def products(count: int = SHOP_SIZE) -> Iterator[DemoProduct]:
    """The first `count` products; after each 200 the lines come again in a new edition."""
    places = [(family, item) for family in FAMILIES for item in range(family.count)]
    for number in range(count):
        edition, place = divmod(number, SHOP_SIZE)
        family, item = places[place]
        yield _special(_product(number, edition, family, item))


def _product(number: int, edition: int, family: Family, item: int) -> DemoProduct:
    tier, line = divmod(item, len(family.series))
    series = family.series[line]
    rank = number % SHOP_SIZE * 83 % SHOP_SIZE
    name = f"{series.name} {family.tiers[tier][0]}"
    if edition:
        name += f" Edition {edition + 1}"
    specs = _specs(family, line, tier)
    variants = tuple(_variants(number, family, series, line, tier, rank))
    return DemoProduct(
        slug=slugify(f"{series.brand} {name}"),
        name=name,
        brand=series.brand,
        category=family.category,
        description=_description(family, series, item, specs),
        keywords=f"{family.keywords} {_shown(variants[0].picture)}",
        specs=specs,
        variants=variants,
        pictures=_views(series, line + tier),
        is_published=rank not in DRAFTS,
        age_days=1 + number * 61 % SHOP_SIZE * 2,
    )


def _special(product: DemoProduct) -> DemoProduct:
    """The few that try the pages out: a very long name, writing from right to left."""
    changes = SPECIALS.get(product.slug)
    return replace(product, name=changes[0], description=changes[1]) if changes else product


def _specs(family: Family, line: int, tier: int) -> dict[str, Fact]:
    found = {code: values[tier] for code, values in family.by_tier.items()}
    found |= {code: values[line % len(values)] for code, values in family.by_series.items()}
    read: dict[str, Callable[[Any], Fact]] = {"text": str, "number": _number, "boolean": bool}
    return {code: read[kind](found[code]) for code, kind in KINDS.items() if code in found}


def _number(value: float) -> Decimal:
    return Decimal(str(value))


def _description(family: Family, series: Series, item: int, specs: Mapping[str, Fact]) -> str:
    closing = family.closings[item % len(family.closings)].format_map(specs)
    return f"{series.pitch} {closing} {BRANDS[series.brand]}"


def _variants(
    number: int, family: Family, series: Series, line: int, tier: int, rank: int
) -> Iterator[DemoVariant]:
    finishes, choices = _offer(family, series, line, tier)
    shape = series.shapes.split()[0]
    base = family.tiers[tier][1] * series.percent // 100
    for place, (finish, (choice, surcharge)) in enumerate(pairs(finishes, choices)):
        price = _rounded(base + surcharge)
        options = {"colour": finish.title()} if len(finishes) > 1 else {}
        if family.choice and len(choices) > 1:
            options[family.choice] = choice
        yield DemoVariant(
            sku=f"{SKU_PREFIX}{family.code}{number:04d}-{place + 1:02d}",
            options=options,
            price=_reduced(price, rank) if rank in REDUCED else price,
            prior_price=price if rank in REDUCED else None,
            stock=_stock(number, place, rank, len(finishes) * len(choices)),
            picture=_picture(shape, finish, line + tier),
        )


def _offer(
    family: Family, series: Series, line: int, tier: int
) -> tuple[list[str], list[tuple[str, int]]]:
    """In which finishes and choices a product comes. The first phone comes in all of them."""
    finishes = series.finishes.split()
    choices = list(family.choices) or [("", 0)]
    if family.code == "PHO":
        if line == tier == 0:
            return finishes, choices
        choices = choices[tier // 2 : tier // 2 + 2]
    start = tier % len(finishes)
    return (finishes[start:] + finishes[:start])[: family.finishes_each], choices


def _rounded(euros: int) -> Decimal:
    """A price as shops write it: 19.90, 249.00."""
    if euros < 100:
        return Decimal(euros // 5 * 5 + 4) + Decimal("0.90")
    return Decimal(euros // 10 * 10 + 9).quantize(Decimal("0.01"))


def _reduced(price: Decimal, rank: int) -> Decimal:
    percent = (10, 15, 20, 25)[rank % 4]
    return _rounded(int(price * (100 - percent) / 100) - 5)


def _stock(number: int, place: int, rank: int, variants: int) -> int:
    if rank in SOLD_OUT:
        return 0
    if rank in LOW:
        return 1 + (number + place) % 4
    if variants == 24 and place in (5, 18):  # two combinations that cannot be had
        return 0
    return 12 + (number * 7 + place * 13) % 75


def _views(series: Series, turn: int) -> tuple[str, ...]:
    """Further pictures, in the first finish."""
    finish = series.finishes.split()[0]
    return tuple(_picture(view, finish, turn) for view in series.shapes.split()[1:])


def _picture(shape: str, finish: str, turn: int) -> str:
    """A name in the manifest, the wallpapers taken in turn; `shape` may be such a name itself."""
    found = names(shape, finish) or (shape,)
    return found[turn % len(found)]


def _shown(picture: str) -> str:
    """The alternative text without the finish, which is its first word: "laptop, open"."""
    return manifest()[picture].alt.partition(" ")[2]
