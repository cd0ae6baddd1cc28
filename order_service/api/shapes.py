"""What the calls of order_service take and answer."""

from __future__ import annotations

from typing import Annotated, NotRequired

from django.core.validators import ProhibitNullCharactersValidator
from pydantic import Field
from typing_extensions import TypedDict

from chassis.shapes import (
    Body,
    Price,
    Several,
    email,
    matching,
    one_of,
    text,
    whole,
)
from order_service.api.fields import AS_IT_IS, Amount, CountryCode, Method, Rate, StateName, Time
from order_service.clients.product_service import Wanted
from order_service.orders.states import FulfilmentStatus, PaymentStatus, Reason
from order_service.payments.gateways.base import MethodKind

MAX_QUANTITY = 99  # of one line
MAX_LINES = 50
MAX_TYPED = 300  # characters around an order number: a whole subject line, or a link
VARIANT_ID_MAX = 2**53 - 1  # the largest whole number that every reader of JSON keeps exact
STATUSES = ("ok", "less_left", "sold_out", "unavailable")  # of a quoted line


class LineInput(Body):
    """A product by its SKU or, where it is given, its variant id, and how many of it."""

    sku: Annotated[
        str, matching(r"^[A-Za-z0-9][A-Za-z0-9._-]*", "This is not a SKU.", max_length=64)
    ]
    variant_id: Annotated[int | None, whole(1, VARIANT_ID_MAX)] = None  # left out, never null
    quantity: Annotated[int, whole(1, MAX_QUANTITY)]

    def wanted(self) -> Wanted:
        return Wanted(self.sku, self.quantity, self.variant_id)


Lines = Annotated[tuple[LineInput, ...], Several(MAX_LINES)]


class AddressInput(Body):
    """The delivery address."""

    name: Annotated[str, text(120)]
    line1: Annotated[str, text(120)]
    line2: Annotated[str, text(120, allow_blank=True)] = ""
    postal_code: Annotated[str, text(20)]
    city: Annotated[str, text(80)]
    country: CountryCode


class QuoteInput(Body):
    """A cart to price."""

    lines: Lines
    country: CountryCode = ""
    shipping_method: Method | None = None


class PlaceInput(Body):
    """An order to place. `expected_total` is the total that the shopper agreed to."""

    lines: Lines
    email: Annotated[str, email()]
    shipping_address: AddressInput
    shipping_method: Method
    payment_token: Annotated[
        str, matching(r"^[A-Za-z0-9_-]+", "This is not a payment token.", max_length=128)
    ]
    expected_total: Price
    note: Annotated[str, text(500, allow_blank=True)] = ""


class LookupInput(Body):
    """Number and e-mail address of a guest's order."""

    number: Annotated[str, text(MAX_TYPED, shape=ProhibitNullCharactersValidator())]
    email: Annotated[str, email()]


class ImageSizeAnswer(TypedDict):
    url: str
    width: int


class ImageAnswer(TypedDict):
    url: str
    alt: str
    width: int
    height: int
    sizes: NotRequired[
        Annotated[
            list[ImageSizeAnswer],
            Field(
                description="The same picture smaller, the smallest first; missing in older orders."
            ),
        ]
    ]


class QuoteLineAnswer(TypedDict):
    sku: Annotated[str, Field(description="Its SKU now; as it was asked for if unavailable.")]
    variant_id: Annotated[
        int | None,
        Field(description="Stays when the SKU is corrected; null if the SKU is unknown."),
    ]
    quantity: int
    status: Annotated[str, one_of(STATUSES), AS_IT_IS]
    available: int
    name: str | None
    options: Annotated[dict[str, str], AS_IT_IS]
    product_slug: str | None
    image: Annotated[ImageAnswer | None, AS_IT_IS]
    unit_price: Amount | None
    tax_class: str
    line_total: Amount | None
    tax_rate: Rate


class ShippingMethodAnswer(TypedDict):
    code: str
    name: str
    price: Amount
    estimate: str


class QuoteAnswer(TypedDict):
    """A priced cart. Lines that can't be bought have no price and are not part of the totals."""

    currency: str
    lines: list[QuoteLineAnswer]
    subtotal: Amount
    shipping_methods: list[ShippingMethodAnswer]
    shipping_method: str | None
    shipping: Amount | None
    tax: Amount
    total: Amount
    prices_include_tax: bool


class OrderLineAnswer(TypedDict):
    sku: Annotated[str, Field(description="As it was when the order was placed.")]
    variant_id: Annotated[
        int | None, Field(description="Stays when the SKU is corrected; null in old orders.")
    ]
    name: str
    options: Annotated[dict[str, str], AS_IT_IS]
    image: Annotated[ImageAnswer | None, AS_IT_IS]
    quantity: int
    unit_price: Amount
    tax_rate: Rate
    line_total: Amount


class MethodName(TypedDict):
    code: str
    name: str


class AddressAnswer(TypedDict):
    name: str
    line1: str
    line2: str
    postal_code: str
    city: str
    country: str


class Moment(TypedDict):
    state: StateName
    at: Time


class ShortLine(TypedDict):
    sku: str
    name: str
    wanted: int
    available: int


class Queue(TypedDict):
    """Position in the queue of undecided orders: 1 is next, 500 means 500 or more."""

    position: int
    expected_wait_seconds: int


class OrderSummary(TypedDict):
    number: str
    state: StateName
    reason: Annotated[str, one_of(dict(Reason.choices)), AS_IT_IS] | None
    terminal: bool
    placed_at: Time
    total: Amount
    payment_status: Annotated[str, one_of(dict(PaymentStatus.choices)), AS_IT_IS]
    fulfilment_status: Annotated[str, one_of(dict(FulfilmentStatus.choices)), AS_IT_IS]


class OrderBody(OrderSummary):
    """An order without the token of its link, as it is stored under its Idempotency-Key."""

    email: Annotated[str, Field(json_schema_extra={"format": "email"})]
    currency: str
    shipping_address: Annotated[AddressAnswer, AS_IT_IS]
    note: NotRequired[Annotated[str, Field(description="To the shop; missing in older answers.")]]
    updated_at: Time
    lines: list[OrderLineAnswer]
    subtotal: Amount
    shipping_method: MethodName
    shipping: Amount
    tax: Annotated[Amount, Field(description="Included in the total.")]
    timeline: list[Moment]
    short: list[ShortLine]
    allowed_actions: list[str]
    confirm_url: str | None
    queue: Queue | None


class OrderAnswer(OrderBody):
    """An order. Names, prices and addresses are those at the time it was placed."""

    token: Annotated[
        str, Field(description="From the order's link. Send it as the header Order-Token.")
    ]


class OrderList(TypedDict):
    items: list[OrderSummary]
    next: str | None


class LookupAnswer(TypedDict):
    number: str
    token: Annotated[
        str | None, Field(description="null: a new link was sent to the order's e-mail address.")
    ]


class ShippingMethodOffer(ShippingMethodAnswer):
    free_from: Amount | None


class ShippingMethodList(TypedDict):
    items: list[ShippingMethodOffer]


class PaymentMethod(TypedDict):
    code: Annotated[str, Field(description="Send it as the order's payment_token.")]
    token: Annotated[str, Field(description="The same as code.")]
    name: str
    note: str
    kind: Annotated[
        str,
        one_of([str(kind) for kind in MethodKind]),
        Field(
            description="token: nothing more to do; redirect: the shopper goes to a page of the"
            " provider and comes back; offline: the shopper pays outside of the shop."
        ),
    ]


class PaymentMethodList(TypedDict):
    items: list[PaymentMethod]


class Country(TypedDict):
    code: str
    name: str


class CountryList(TypedDict):
    items: list[Country]
