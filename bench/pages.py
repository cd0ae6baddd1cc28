"""Anonymous pages, warm, against a bare view of as many bytes in turns with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from bench import serving
from bench.load import get_repeatedly
from tests.faults import goods
from tests.shop import Shop

PAGES = {
    "home page": "/",
    "category page": "/c/goods/",
    "product page": f"/p/{goods.name(7).lower()}/",
    "search page": "/search/?q=goods",
}
SECONDS = 1.5
ROUNDS = 3
STOREFRONT = "storefront"


@dataclass(frozen=True)
class Page:
    """Medians of the rounds."""

    name: str
    body_bytes: int
    per_second: float
    cpu_ms: float  # of the storefront for each request
    of_bare: float  # requests a second, of those of the bare view
    cpu_of_bare: float  # how much of this CPU a request the bare view needs


def compare(shop: Shop) -> Iterator[Page]:
    """Connections are kept, as browsers keep them."""
    for name, path in PAGES.items():
        size = get_repeatedly(shop.url, [path], seconds=1.0, keeps=True).body_bytes  # warms, too
        with serving.bare_view(shop, size, like=STOREFRONT) as bare:
            rounds = [
                (
                    serving.serve(shop, serving.BARE, bare, ["/"], SECONDS, keeps=True),
                    serving.serve(shop, STOREFRONT, shop.url, [path], SECONDS, keeps=True),
                )
                for _ in range(ROUNDS)
            ]
        yield Page(
            name,
            size,
            median(page.load.per_second for _, page in rounds),
            median(page.cpu_ms for _, page in rounds),
            median(page.load.per_second / bare.load.per_second for bare, page in rounds),
            median(bare.cpu_ms / page.cpu_ms for bare, page in rounds),
        )
