"""product_service as far as the storefront uses it: a small catalogue that tests can change."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from storefront.tests.stubs.server import Reply, Request, problem
from storefront.tests.stubs.versions import versioned

CURRENCY = "EUR"
TOKEN = "MTA:1abcDE:signed_by-the-service"  # of a preview's link


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": CURRENCY}


def _picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (64, 64), (43, 75, 216, 255)).save(buffer, "WEBP")
    return buffer.getvalue()


PICTURE = _picture()
SHA = hashlib.sha256(PICTURE).hexdigest()
IMAGE = {
    "url": f"/media/{SHA}.webp",
    "alt": "A blue device",
    "width": 64,
    "height": 64,
    "sizes": [{"url": f"/media/{SHA}.webp?32", "width": 32}],
}


@dataclass
class Variant:
    sku: str
    price: str
    available: int = 20
    options: dict[str, str] = field(default_factory=dict)
    prior: str | None = None
    vanished: bool = False
    id: int = 0  # given by the catalogue

    @property
    def availability(self) -> str:
        if self.available == 0:
            return "sold_out"
        return "low" if self.available < 4 else "in_stock"


@dataclass
class Item:
    slug: str
    name: str
    variants: list[Variant]
    category: str = "laptops"
    brand: str = "Nordlicht"


NAMES = {
    "desk": "Desk",
    "laptops": "Laptops",
    "headphones": "Headphones",
    "keyboards": "Keyboards",
    "tactile": "Tactile keyboards",
}
PARENTS = {
    "desk": None,
    "laptops": "desk",
    "keyboards": "desk",
    "tactile": "keyboards",
    "headphones": None,
}


def _laptop() -> Item:
    rows = (("G", "Graphite", "256", "1199.00", 20), ("G", "Graphite", "512", "1399.00", 20))
    variants = [
        Variant(f"NL14-{letter}-{size}", price, left, {"color": color, "storage": f"{size} GB"})
        for letter, color, size, price, left in (*rows, ("S", "Silver", "256", "1199.00", 0))
    ]
    return Item("nordlicht-14", "Nordlicht 14", variants)


class Catalogue:
    """The stub's state; `variant(sku)` is there to be changed by a test."""

    def __init__(self) -> None:
        self.names = dict(NAMES)
        self.former_slugs: dict[str, str] = {}
        self.previews = {TOKEN: "takt-keys"}
        self.knows_variants = True  # False: both services are of the previous version
        self.parents: dict[str, str | None] = dict(PARENTS)
        buds = [Variant("KB-1", "49.90", 3, prior="69.90")]
        self.items = [
            _laptop(),
            Item("kolibri-buds", "Kolibri Buds", buds, "headphones", "Kolibri"),
            Item("takt-keys", "Takt Keys", [Variant("TK-1", "20.00")], "keyboards", "Takt"),
            *(
                Item(
                    f"hall-{number}",
                    f"Hall {number}",
                    [Variant(f"HL-{number}", "99.00")],
                    "headphones",
                    "Hall",
                )
                for number in range(1, 26)
            ),
        ]

        variants = [variant for item in self.items for variant in item.variants]
        for number, variant in enumerate(variants, 1):
            variant.id = number

    def variant(self, sku: str) -> Variant:
        return next(one for item in self.items for one in item.variants if one.sku == sku)

    def find(self, sku: str, variant_id: int | None = None) -> tuple[Item, Variant] | None:
        for item in self.items:
            for variant in item.variants:
                is_meant = variant.id == variant_id if variant_id else variant.sku == sku
                if is_meant and not variant.vanished:
                    return item, variant
        return None

    def answer(self, request: Request) -> Reply:
        return versioned(self._answer, request, (self.items, self.names, self.parents, IMAGE))

    def _answer(self, request: Request) -> Reply:
        parts = request.path.strip("/").split("/")
        match (request.method, parts):
            case ("GET", ["v1", "products"]):
                return self._list(request.params)
            case ("GET", ["v1", "products", slug]):
                return self._detail(slug)
            case ("GET", ["v1", "previews", token]):
                return self._detail(self.previews.get(token, ""))
            case ("GET", ["v1", "categories"]):
                return Reply(body={"items": self._categories()})
            case ("POST", ["v1", "quotes"]):
                return self.refusal_of(request.json["lines"]) or self._quote(request.json)
            case ("GET", ["media", name]) if name == f"{SHA}.webp":
                return Reply(content=PICTURE, content_type="image/webp")
        return problem(404, "not_found")

    def _quote(self, body: Any) -> Reply:
        lines = [self.quote_line(**line) for line in body["lines"]]
        return Reply(body={"currency": CURRENCY, "lines": lines})

    def refusal_of(self, lines: list[dict[str, Any]]) -> Reply | None:
        """As a pod of the previous version refuses lines with variant ids."""
        if self.knows_variants or not any("variant_id" in line for line in lines):
            return None
        error = {"pointer": "/lines/0/variant_id", "detail": "", "code": "unknown_field"}
        return problem(400, "validation_failed", errors=[error])

    def quote_line(self, sku: str, quantity: int, variant_id: int | None = None) -> dict[str, Any]:
        found = self.find(sku, variant_id)
        line: dict[str, Any] = {"sku": sku, "quantity": quantity, "tax_class": "standard"}
        line |= {"variant_id": variant_id}
        if found is None:
            nothing = dict.fromkeys(("name", "product_slug", "image", "unit_price"))
            return {**line, **nothing, "status": "unavailable", "available": 0, "options": {}}
        item, variant = found
        left = variant.available
        status = "ok" if left >= quantity else "less_left" if left else "sold_out"
        return {
            **line,
            "sku": variant.sku,
            "variant_id": variant.id if self.knows_variants else None,
            "status": status,
            "available": min(left, 99),
            "name": item.name,
            "options": variant.options,
            "product_slug": item.slug,
            "image": IMAGE,
            "unit_price": money(variant.price),
        }

    def _list(self, params: dict[str, str]) -> Reply:
        if params.get("sort", "newest") not in {"relevance", "newest", "price", "-price", "name"}:
            return problem(400, "invalid_parameter")
        if "category" in params and params["category"] not in self.names:
            error = {"pointer": "/category", "detail": "No such slug.", "code": "invalid"}
            return problem(404, "category_unknown", errors=[error])
        words = params.get("q", "").lower().split()
        found = [
            item
            for item in self.items
            if params.get("category", item.category) in self._way_up(item.category)
            and ("q" not in params or any(word in item.name.lower() for word in words))
        ]
        page, size = int(params.get("page", 1)), int(params.get("page_size", 24))
        if page > 10_000:
            return problem(400, "invalid_parameter")
        if page > 1 and (page - 1) * size >= len(found):
            return problem(404, "page_out_of_range")
        shown = found[(page - 1) * size : page * size]
        return Reply(
            body={
                "items": [self._card(item) for item in shown],
                "count": len(found),
                "page": page,
                "page_size": size,
                "applied": {
                    "q": params.get("q", ""),
                    "has_words": any(sign.isalnum() for sign in params.get("q", "")),
                    "category": params.get("category"),
                    "sort": params.get("sort", "newest"),
                    "in_stock": "in_stock" in params,
                },
            }
        )

    def _card(self, item: Item) -> dict[str, Any]:
        first = item.variants[0]
        return {
            "slug": item.slug,
            "name": item.name,
            "brand": item.brand,
            "category": {"slug": item.category, "name": self.names[item.category]},
            "key_specs": ["14 inch", "16 GB", "1.2 kg"],
            "image": IMAGE,
            "price": money(first.price),
            "prior_price": money(first.prior) if first.prior else None,
            "price_varies": len({one.price for one in item.variants}) > 1,
            "availability": first.availability,
            "default_sku": first.sku,
        }

    def _detail(self, slug: str) -> Reply:
        slug = self.former_slugs.get(slug, slug)
        item = next((one for one in self.items if one.slug == slug), None)
        if item is None:
            return problem(404, "not_found")
        options = [
            {
                "code": code,
                "name": code.capitalize(),
                "values": list(dict.fromkeys(one.options[code] for one in item.variants)),
            }
            for code in item.variants[0].options
        ]
        return Reply(
            body={
                "slug": item.slug,
                "name": item.name,
                "brand": item.brand,
                "description": "Made for long days.\n\nAnd short nights.",
                "description_html": "<p>Made for <strong>long</strong> days.</p>",
                **dict.fromkeys(("manufacturer", "responsible_person"), "Acme\nacme@example.org"),
                "category": {"slug": item.category, "name": self.names[item.category]},
                "breadcrumb": [{"slug": item.category, "name": self.names[item.category]}],
                "attributes": [{"code": "weight", "name": "Weight", "value": "1.2 kg"}],
                "images": [IMAGE],
                "options": options,
                "variants": [self._variant(item, one) for one in item.variants],
                "default_sku": item.variants[0].sku,
                "related": [self._card(self.items[-1])],
            }
        )

    def _variant(self, item: Item, variant: Variant) -> dict[str, Any]:
        return {
            "sku": variant.sku,
            "variant_id": variant.id,
            "name": item.name,
            "options": variant.options,
            "price": money(variant.price),
            "prior_price": money(variant.prior) if variant.prior else None,
            "lowest_price": money("59.90") if variant.prior else None,
            "unit_price": {"price": money("7.96"), "unit": "kg"} if variant.prior else None,
            "availability": variant.availability,
            "available": min(variant.available, 99),
            "image": IMAGE,
        }

    def _way_up(self, slug: str | None) -> list[str]:
        return [slug, *self._way_up(self.parents.get(slug))] if slug else []

    def _categories(self, parent: str | None = None) -> list[dict[str, Any]]:
        return [
            {
                "slug": slug,
                "name": self.names[slug],
                "description": f"Everything in {self.names[slug]}.",
                "parent": parent,
                "count": sum(slug in self._way_up(item.category) for item in self.items),
                "image": IMAGE,
                "children": self._categories(slug),
            }
            for slug, above in self.parents.items()
            if above == parent
        ]
