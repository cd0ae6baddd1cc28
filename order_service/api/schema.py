"""The shapes of answers in the OpenAPI description; tests hold real answers against them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from chassis.serializers import MoneyField
from order_service.orders.states import FulfilmentStatus, PaymentStatus, Reason, State
from order_service.payments.gateways.base import MethodKind

MEANING = {
    400: "The request is malformed; `errors` lists the invalid fields.",
    401: "The service token is missing, expired or invalid.",
    403: "The token lacks the required scope.",
    404: "No such order, or it belongs to another subject.",
    409: "The current state doesn't allow it; `code` says why.",
    410: "The link has expired or was revoked.",
    413: "The body is larger than 64 KiB.",
    415: "The `Content-Type` is not `application/json`.",
    422: "The request is well-formed but can't be fulfilled; `code` says why.",
    429: "Too many attempts; repeat the request after `Retry-After` seconds.",
    503: "Temporarily unavailable; repeat the request after `Retry-After` seconds.",
}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"},
    OpenApiParameter.HEADER,
    required=True,
    description="1 to 255 visible ASCII characters. New for each order, the same for each repeat.",
)
ORDER_TOKEN = OpenApiParameter(
    "Order-Token",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The token from the order's link. Opens the order to any subject.",
)
CLIENT_ADDRESS = OpenApiParameter(
    "Client-Address",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="IP address of the shopper's browser. Attempts are limited per address.",
)


class ProblemField(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="JSON Pointer (RFC 6901)")
    detail = serializers.CharField()
    code = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """An error (RFC 9457). `code` is stable; the page at `type` says what to do about it."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    errors = ProblemField(many=True)  # type: ignore[assignment]


class PriceChangedProblem(Problem):
    """`price_changed`: the total that was expected, and the current one."""

    expected_total = MoneyField(required=False)
    total = MoneyField(required=False)


class KeyReusedProblem(Problem):
    """`idempotency_key_reused`: the order that was placed with this key before."""

    order_number = serializers.CharField(required=False)


class ImageSizeAnswer(serializers.Serializer[Any]):
    url = serializers.CharField()
    width = serializers.IntegerField()


class ImageAnswer(serializers.Serializer[Any]):
    url = serializers.CharField()
    alt = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    sizes = ImageSizeAnswer(
        many=True,
        required=False,
        help_text="The same picture smaller, the smallest first; missing in older orders.",
    )


class QuoteLineAnswer(serializers.Serializer[Any]):
    sku = serializers.CharField(help_text="Its SKU now; as it was asked for if unavailable.")
    variant_id = serializers.IntegerField(
        allow_null=True, help_text="Stays when the SKU is corrected; null if the SKU is unknown."
    )
    quantity = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["ok", "less_left", "sold_out", "unavailable"])
    available = serializers.IntegerField()
    name = serializers.CharField(allow_null=True)
    options = serializers.DictField(child=serializers.CharField())
    product_slug = serializers.CharField(allow_null=True)
    image = ImageAnswer(allow_null=True)
    unit_price = MoneyField(allow_null=True)
    tax_class = serializers.CharField()
    line_total = MoneyField(allow_null=True)
    tax_rate = serializers.CharField()


class ShippingMethodAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    price = MoneyField()
    estimate = serializers.CharField()


class QuoteAnswer(serializers.Serializer[Any]):
    """A priced cart. Lines that can't be bought have no price and are not part of the totals."""

    currency = serializers.CharField()
    lines = QuoteLineAnswer(many=True)
    subtotal = MoneyField()
    shipping_methods = ShippingMethodAnswer(many=True)
    shipping_method = serializers.CharField(allow_null=True)
    shipping = MoneyField(allow_null=True)
    tax = MoneyField()
    total = MoneyField()
    prices_include_tax = serializers.BooleanField()


class OrderLineAnswer(serializers.Serializer[Any]):
    sku = serializers.CharField(help_text="As it was when the order was placed.")
    variant_id = serializers.IntegerField(
        allow_null=True, help_text="Stays when the SKU is corrected; null in old orders."
    )
    name = serializers.CharField()
    options = serializers.DictField(child=serializers.CharField())
    image = ImageAnswer(allow_null=True)
    quantity = serializers.IntegerField()
    unit_price = MoneyField()
    tax_rate = serializers.CharField()
    line_total = MoneyField()


class MethodName(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class AddressAnswer(serializers.Serializer[Any]):
    name = serializers.CharField()
    line1 = serializers.CharField()
    line2 = serializers.CharField(allow_blank=True)
    postal_code = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()


class Moment(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=State.choices)
    at = serializers.DateTimeField()


class ShortLine(serializers.Serializer[Any]):
    sku = serializers.CharField()
    name = serializers.CharField()
    wanted = serializers.IntegerField()
    available = serializers.IntegerField()


class Queue(serializers.Serializer[Any]):
    """Position in the queue of undecided orders: 1 is next, 500 means 500 or more."""

    position = serializers.IntegerField()
    expected_wait_seconds = serializers.IntegerField()


class OrderAnswer(serializers.Serializer[Any]):
    """An order. Names, prices and addresses are those at the time it was placed."""

    number = serializers.CharField()
    state = serializers.ChoiceField(choices=State.choices)
    reason = serializers.ChoiceField(choices=Reason.choices, allow_null=True)
    terminal = serializers.BooleanField()
    placed_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    email = serializers.EmailField()
    currency = serializers.CharField()
    lines = OrderLineAnswer(many=True)
    subtotal = MoneyField()
    shipping_method = MethodName()
    shipping = MoneyField()
    tax = MoneyField(help_text="Included in the total.")
    total = MoneyField()
    shipping_address = AddressAnswer()
    payment_status = serializers.ChoiceField(choices=PaymentStatus.choices)
    fulfilment_status = serializers.ChoiceField(choices=FulfilmentStatus.choices)
    timeline = Moment(many=True)
    short = ShortLine(many=True)
    allowed_actions = serializers.ListField(child=serializers.CharField())
    confirm_url = serializers.CharField(allow_null=True)
    queue = Queue(allow_null=True)
    token = serializers.CharField(
        help_text="From the order's link. Send it as the header Order-Token."
    )


class OrderSummary(serializers.Serializer[Any]):
    number = serializers.CharField()
    state = serializers.ChoiceField(choices=State.choices)
    reason = serializers.ChoiceField(choices=Reason.choices, allow_null=True)
    terminal = serializers.BooleanField()
    placed_at = serializers.DateTimeField()
    total = MoneyField()
    payment_status = serializers.ChoiceField(choices=PaymentStatus.choices)
    fulfilment_status = serializers.ChoiceField(choices=FulfilmentStatus.choices)


class OrderList(serializers.Serializer[Any]):
    items = OrderSummary(many=True)
    next = serializers.CharField(allow_null=True)


class LookupAnswer(serializers.Serializer[Any]):
    number = serializers.CharField()
    token = serializers.CharField(
        allow_null=True, help_text="null: a new link was sent to the order's e-mail address."
    )


class ShippingMethodOffer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    estimate = serializers.CharField()
    price = MoneyField()
    free_from = MoneyField(allow_null=True)


class ShippingMethodList(serializers.Serializer[Any]):
    items = ShippingMethodOffer(many=True)


class PaymentMethod(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Send it as the order's payment_token.")
    token = serializers.CharField(help_text="The same as code.")
    name = serializers.CharField()
    note = serializers.CharField()
    kind = serializers.ChoiceField(
        choices=[str(kind) for kind in MethodKind],
        help_text="token: nothing more to do; redirect: the shopper goes to a page of the provider"
        " and comes back; offline: the shopper pays outside of the shop.",
    )


class PaymentMethodList(serializers.Serializer[Any]):
    items = PaymentMethod(many=True)


class Country(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class CountryList(serializers.Serializer[Any]):
    items = Country(many=True)


def problems(*statuses: int) -> Mapping[Any, Any]:
    """Responses of an operation for these statuses and those that every operation has."""
    return {
        (status, "application/problem+json"): OpenApiResponse(Problem, MEANING[status])
        for status in sorted({400, 401, 403, 503, *statuses})
    }
