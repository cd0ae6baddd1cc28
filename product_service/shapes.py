"""What the calls of product_service take and answer."""

from __future__ import annotations

import uuid
from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from chassis.shapes import Body, Several, WirePrice, WireTime, one_of, text, whole

QUANTITY_MAX = 99
LINES_MAX = 50
ORDERS_MAX = 64
LINES_OF_A_SET = 400  # of all its orders: so that a body has less than 64 KiB, and locks are few
VARIANT_ID_MAX = 2**53 - 1  # the largest whole number that every reader of JSON keeps exact
DAY_SECONDS = 86_400

AVAILABILITY = ("sold_out", "low", "in_stock")  # by level 0, 1, 2; see catalogue/availability.py
STATUSES = ("ok", "less_left", "sold_out", "unavailable")  # of a quoted line
RESERVATION_STATES = ("held", "refused", "expired", "committed", "released")
OUTCOME_ERRORS = (
    *("out_of_stock", "reservation_released", "reservation_expired"),
    *("fingerprint_mismatch", "stock_disagrees", "unavailable"),
)

Availability = Annotated[str, one_of(AVAILABILITY)]
Left = Annotated[int, Field(description="Pieces left, 99 at most.")]


class WantedLine(Body):
    """With a variant id the line follows that variant, whatever its SKU is now."""

    sku: Annotated[str, text(64)]
    variant_id: Annotated[int | None, whole(1, VARIANT_ID_MAX)] = None  # left out, never null
    quantity: Annotated[int, whole(1, QUANTITY_MAX)]


Lines = Annotated[tuple[WantedLine, ...], Several(LINES_MAX)]


class WantedQuote(Body):
    lines: Lines


class WantedReservation(Body):
    lines: Lines
    ttl_seconds: Annotated[int, whole(1, DAY_SECONDS)] = 1800


class OrderToReserve(WantedReservation):
    order_id: uuid.UUID


class OrdersToReserve(Body):
    """Who comes first is served first. All orders together have 400 lines at most."""

    orders: Annotated[tuple[OrderToReserve, ...], Several(ORDERS_MAX)]


class OrderIds(Body):
    order_ids: Annotated[tuple[uuid.UUID, ...], Several(ORDERS_MAX)]


class ImageSize(TypedDict):
    url: str
    width: int


class Image(TypedDict):
    url: str
    alt: str
    width: int
    height: int
    sizes: Annotated[
        list[ImageSize], Field(description="The same picture smaller, the smallest first.")
    ]


class Link(TypedDict):
    slug: str
    name: str


class QuoteLine(TypedDict):
    sku: Annotated[str, Field(description="Its SKU now; as it was asked for if unavailable.")]
    variant_id: Annotated[
        int | None,
        Field(description="Stays when the SKU is corrected; null if the SKU is unknown."),
    ]
    quantity: int
    status: Annotated[str, one_of(STATUSES)]
    available: Left
    name: str | None
    options: dict[str, str]
    product_slug: str | None
    image: Image | None
    unit_price: WirePrice | None
    tax_class: str


class Quote(TypedDict):
    currency: str
    lines: list[QuoteLine]


HIDDEN = "May be hidden, and then it has no page; a product’s `breadcrumb` leaves it out."
ShownCategory = Annotated[Link, Field(description=HIDDEN)]


class Card(TypedDict):
    slug: str
    name: str
    brand: str
    category: ShownCategory
    key_specs: Annotated[list[str], Field(max_length=3)]
    image: Image | None
    price: WirePrice
    prior_price: WirePrice | None
    price_varies: bool
    availability: Availability
    default_sku: str


class Applied(TypedDict):
    q: str
    has_words: Annotated[
        bool,
        Field(description="False if q has nothing to look for, as in “%”; then nothing is found."),
    ]
    category: str | None
    in_stock: bool
    sort: str


class ProductList(TypedDict):
    items: list[Card]
    count: int
    page: int
    page_size: int
    applied: Applied


class CatalogueVersion(TypedDict):
    version: Annotated[
        str | None,
        Field(
            description="As in the header `Catalogue-Version` of each list and product made of it;"
            " null while it is unknown."
        ),
    ]


class AttributeOut(TypedDict):
    code: str
    name: str
    value: Annotated[str, Field(description="Formatted, for example 16 GB, Yes or Matte.")]


class OptionOut(TypedDict):
    code: str
    name: str
    values: list[str]


class UnitPrice(TypedDict):
    price: WirePrice
    unit: Annotated[str, Field(description="What it is the price of one of: kg, l, m, m², piece.")]


class VariantOut(TypedDict):
    sku: str
    variant_id: Annotated[int, Field(description="Stays when the SKU is corrected.")]
    name: str
    options: dict[str, str]
    price: WirePrice
    prior_price: WirePrice | None
    lowest_price: Annotated[
        WirePrice | None,
        Field(description="Of a reduced price, the lowest of the 30 days before the reduction."),
    ]
    unit_price: UnitPrice | None
    availability: Availability
    available: Left
    image: Image | None


class ProductDetail(TypedDict):
    slug: str
    name: str
    brand: str
    description: Annotated[str, Field(description="As text, without marks.")]
    description_html: Annotated[str, Field(description="The same as HTML that is safe to show.")]
    manufacturer: Annotated[str, Field(description="Lines: name, postal address, e-mail or site.")]
    responsible_person: Annotated[
        str, Field(description="The one in the EU, of a manufacturer elsewhere; lines as above.")
    ]
    category: ShownCategory
    breadcrumb: list[Link]
    attributes: list[AttributeOut]
    images: list[Image]
    options: list[OptionOut]
    variants: list[VariantOut]
    default_sku: str
    related: list[Card]


class CategoryNode(TypedDict):
    """A category. `children` are categories of the same shape."""

    slug: str
    name: str
    description: str
    parent: str | None
    count: Annotated[
        int, Field(description="Published products, including those of subcategories.")
    ]
    image: Image | None
    children: list[CategoryNode]


class CategoryTree(TypedDict):
    items: list[CategoryNode]


class CategoryDetail(CategoryNode):
    """A category with its ancestors, the highest first, and itself at their end."""

    breadcrumb: list[Link]


class HeldLine(TypedDict):
    sku: str
    quantity: int


class ShortLine(TypedDict):
    sku: str
    wanted: int
    available: int


class ReservationAnswer(TypedDict):
    """`lines` is empty if it was released before it was made; `short` only if it was refused."""

    order_id: Annotated[str, Field(json_schema_extra={"format": "uuid"})]
    state: Annotated[str, one_of(RESERVATION_STATES)]
    expires_at: WireTime
    lines: list[HeldLine]
    short: NotRequired[list[ShortLine]]


class OrderOutcome(TypedDict):
    """What became of one order: the state of its reservation, or the code of the problem that a
    call for it alone would have answered; `short` with `out_of_stock`."""

    order_id: Annotated[str, Field(json_schema_extra={"format": "uuid"})]
    state: NotRequired[Annotated[str, one_of(RESERVATION_STATES)]]
    error: NotRequired[Annotated[str, one_of(OUTCOME_ERRORS)]]
    short: NotRequired[list[ShortLine]]


class OrderOutcomes(TypedDict):
    """One an order, in the order of the call."""

    outcomes: list[OrderOutcome]


class SignInCode(Body):
    code: Annotated[str, text(100)]
    secret: Annotated[str, text(100)]


class StaffPerson(TypedDict):
    number: Annotated[int, Field(description="Stays when the person's name changes.")]
    username: str
    first_name: str
    last_name: str
    email: str
    is_superuser: bool
    roles: Annotated[list[str], Field(description="Names of the groups that they are in.")]


class StaffSession(TypedDict):
    session: Annotated[str, Field(description="How to ask for it again, and how to end it.")]
    person: StaffPerson


class EndedSession(TypedDict):
    session: str
