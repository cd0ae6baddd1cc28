"""Where a parcel goes."""

from __future__ import annotations

from collections.abc import Mapping

from order_service.pricing.price_list import country_name


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
