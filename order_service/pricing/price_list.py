"""The rows that prices follow, as one value that is read from the database every 5 seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from order_service.pricing.models import Country, ShippingMethod, TaxClass, TaxRate
from order_service.shop.cached import Cached

EVERYWHERE = ""  # the country of a rate that holds where there is no other


class NoTaxRate(LookupError):
    """The rate that holds where there is no other is missing: add it in the back office."""


@dataclass(frozen=True)
class PriceList:
    """Tax rates, ways to ship and countries, as they were at one time."""

    tax_rates: Mapping[tuple[str, str], Decimal]  # by class and country
    shipping_methods: Mapping[str, ShippingMethod]  # by code, in their order
    countries: Mapping[str, Country]  # by code, in order of their names

    def tax_rate(self, tax_class: str, country: str) -> Decimal:
        """The rate of goods that go to `country`: its own, else that of all others, as standard
        goods where the class has none. Raises NoTaxRate if there is none at all."""
        for wanted in product((tax_class, TaxClass.STANDARD), (country, EVERYWHERE)):
            if wanted in self.tax_rates:
                return self.tax_rates[wanted]
        raise NoTaxRate("there is no tax rate for standard goods in all other countries")

    @property
    def offered(self) -> tuple[ShippingMethod, ...]:
        """The ways to ship that shoppers can choose, in their order."""
        return tuple(each for each in self.shipping_methods.values() if each.is_offered)

    @property
    def served(self) -> tuple[Country, ...]:
        """The countries that orders can go to, in the order of a form."""
        return tuple(each for each in self.countries.values() if each.is_served)


def _read() -> PriceList:
    return PriceList(
        tax_rates={(each.tax_class, each.country): each.rate for each in TaxRate.objects.all()},
        shipping_methods={each.code: each for each in ShippingMethod.objects.all()},
        countries={each.code: each for each in Country.objects.all()},
    )


price_list = Cached(_read)


def country_name(code: str) -> str:
    """As it is printed on an address; the code itself if it has no row."""
    country = price_list().countries.get(code)
    return country.name if country else code
