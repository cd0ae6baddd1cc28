"""What the demo shop is made of: plain frozen records, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

Fact = str | Decimal | bool


@dataclass(frozen=True)
class DemoCategory:
    slug: str
    name: str
    parent: str  # a slug, or "" at the top
    description: str


@dataclass(frozen=True)
class DemoAttribute:
    code: str
    name: str
    kind: str  # text, number or boolean
    unit: str
    is_key_spec: bool


@dataclass(frozen=True)
class DemoVariant:
    sku: str
    options: Mapping[str, str]
    price: Decimal
    prior_price: Decimal | None
    stock: int
    picture: str  # a name in the manifest


@dataclass(frozen=True)
class DemoProduct:
    slug: str
    name: str
    brand: str
    category: str  # a slug
    description: str
    keywords: str
    specs: Mapping[str, Fact]
    variants: tuple[DemoVariant, ...]
    pictures: tuple[str, ...]  # what the gallery shows besides those of the variants
    is_published: bool
    age_days: int  # before today


@dataclass(frozen=True)
class Series:
    """A line of products by one brand; its pitch opens every description."""

    name: str
    brand: str
    shapes: str  # the first is shown in the variant's finish, the others are further views
    finishes: str
    pitch: str
    percent: int = 100  # of the prices of the tiers


@dataclass(frozen=True)
class Family:
    """Products alike: each series comes in each tier.

    `by_tier` holds one value a tier, `by_series` any number of values that the series take in
    turn. `choice` is an option besides the colour: its values with what they cost more.
    """

    code: str
    category: str
    keywords: str
    series: tuple[Series, ...]
    tiers: tuple[tuple[str, int], ...]  # suffix of the name, price in whole euros
    count: int  # products out of 200
    by_tier: Mapping[str, tuple[str | int | float | bool, ...]]
    by_series: Mapping[str, tuple[str | int | float | bool, ...]]
    closings: tuple[str, ...]  # may name specs: "{processor}"
    choice: str = ""
    choices: tuple[tuple[str, int], ...] = ()
    finishes_each: int = 2
