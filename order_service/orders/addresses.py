"""Where a parcel goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from order_service.pricing.price_list import country_name


@dataclass(frozen=True)
class Address:
    """Where the parcel goes; `country` is an ISO 3166-1 code."""

    name: str
    line1: str
    line2: str
    postal_code: str
    city: str
    country: str


def address_lines(address: Mapping[str, str]) -> list[str]:
    """An address as it stands on a parcel (jsonb does not keep the order of its keys)."""
    lines = [
        address.get("name", ""),
        address.get("line1", ""),
        address.get("line2", ""),
        f"{address.get('postal_code', '')} {address.get('city', '')}".strip(),
        country_name(address.get("country", "")),
    ]
    return [line for line in lines if line]
