"""The HTTP interface of orders, for the storefront in the name of a shopper."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from chassis.errors import NotFound
from chassis.ids import order_number
from order_service.api import access, described, reads, shapes
from order_service.api.access import OrdersCall
from order_service.api.answers import answer, answer_with_etag
from order_service.api.described import problems
from order_service.api.rate_limit import count_guess
from order_service.api.representation import order_body, quote_body
from order_service.api.request_key import fingerprint, read_key
from order_service.clients.quotes import fetch_quote, recent_quote
from order_service.orders import actions, metrics
from order_service.orders.idempotency import RequestKey
from order_service.orders.links import link_token, opens_by_look_up
from order_service.orders.models import Order
from order_service.orders.placing import PlaceRequest, place_order
from order_service.orders.states import Reason
from order_service.pricing.offers import method_to_quote
from order_service.pricing.quotes import quote_cart

POLL = {"Retry-After": "1"}


class QuoteView(OrdersCall):
    @extend_schema(
        operation_id="quote",
        request=shapes.QuoteInput,
        parameters=[described.CACHE_CONTROL],
        responses={200: shapes.QuoteAnswer, **problems(400, 413, 415, 422)},
        examples=[described.CART],
    )
    def post(self, request: Request) -> HttpResponse:
        """Price a cart: lines, shipping methods, tax and total. Nothing is stored."""
        cart = shapes.QuoteInput.read(request.data)
        method = method_to_quote(cart.shipping_method, country=cart.country)
        is_new = "no-cache" in request.headers.get("Cache-Control", "")
        quote = quote_cart(
            [line.wanted() for line in cart.lines],
            shipping_method=method,
            country=cart.country,
            ask=fetch_quote if is_new else recent_quote,
        )
        return answer(quote_body(quote))


class OrdersView(OrdersCall):
    @extend_schema(
        operation_id="list_orders",
        parameters=[OpenApiParameter("cursor", str, description="`next` of the previous page")],
        responses={200: shapes.OrderList, **problems(400)},
    )
    def get(self, request: Request) -> HttpResponse:
        """List the subject's orders, newest first."""
        reads.refuse_unknown(request.query_params)
        orders = Order.objects.filter(subject=access.subject(request))
        return answer(reads.newest_first(orders, request.query_params.get("cursor")))

    @extend_schema(
        operation_id="place_order",
        request=shapes.PlaceInput,
        parameters=[described.IDEMPOTENCY_KEY],
        responses={
            202: shapes.OrderAnswer,
            **problems(400, 409, 413, 415, 422),
            (409, "application/problem+json"): described.PriceChangedProblem,
            (422, "application/problem+json"): described.KeyReusedProblem,
        },
        examples=[described.ORDER],
    )
    def post(self, request: Request) -> HttpResponse:
        """Place an order. Processing starts immediately; poll its URL for its status."""
        key = read_key(request)
        wanted = shapes.PlaceInput.read(request.data)
        place_request = PlaceRequest(
            key=RequestKey(
                scope=access.subject(request),
                key=key,
                fingerprint=fingerprint("POST", request.path, request.data),
            ),
            lines=[line.wanted() for line in wanted.lines],
            email=wanted.email,
            shipping_address=wanted.shipping_address.model_dump(),
            shipping_method=wanted.shipping_method,
            payment_token=wanted.payment_token,
            expected_total=wanted.expected_total,
            note=wanted.note,
        )
        placed = place_order(place_request, write_body=order_body)
        body = {**placed.body, "token": link_token(placed.order_id, placed.link_version)}
        headers = {**POLL, "Location": f"{request.path}/{body['number']}"}
        if placed.replayed:
            headers["Idempotent-Replayed"] = "true"
            metrics.REPLAYS.labels("place_order").inc()
        return answer(body, status=placed.status, headers=headers)


class OrderView(OrdersCall):
    @extend_schema(
        operation_id="get_order",
        parameters=[described.ORDER_TOKEN],
        responses={200: shapes.OrderAnswer, 304: None, **problems(404, 410)},
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        """Get an order's status. Until it is final, `Retry-After` says when to poll again."""
        order = access.order_by_number(request, number)
        headers = {} if order.is_terminal else POLL
        return answer_with_etag(request, reads.full_order(order), headers=headers)


class CancelView(OrdersCall):
    @extend_schema(
        operation_id="cancel_order",
        request=None,
        parameters=[described.ORDER_TOKEN],
        responses={
            200: shapes.OrderAnswer,
            202: shapes.OrderAnswer,
            **problems(404, 409, 410),
        },
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        """Cancel an order before it is `committed`: 202, or 200 if it is cancelled already."""
        order = access.order_by_number(request, number)
        cancelled = actions.cancel_order(
            order_id=order.id, reason=Reason.SHOPPER, actor=access.subject(request)
        )
        order.refresh_from_db()
        return answer(reads.full_order(order), status=202 if cancelled else 200)


class LookupView(OrdersCall):
    @extend_schema(
        operation_id="look_up_order",
        request=shapes.LookupInput,
        parameters=[described.CLIENT_ADDRESS, described.ORDER_TOKEN],
        responses={
            200: shapes.LookupAnswer,
            202: shapes.LookupAnswer,
            **problems(400, 404, 413, 415, 429),
        },
        examples=[described.LOOKUP],
    )
    def post(self, request: Request) -> HttpResponse:
        """Find a guest's order by its number and e-mail address; answers the token of its link.

        If its links have expired or were revoked, the token is null and a new link is mailed.
        """
        sought = shapes.LookupInput.read(request.data)
        number = order_number(sought.number)
        if number is None:
            raise NotFound("This is not an order number. One looks like TC-7Q2M9X4B.")
        order = Order.objects.filter(number=number).first()
        may_see = access.may_see(request, order)
        if not may_see:
            count_guess(request, number)
        if order is None or order.email.casefold() != sought.email.casefold():
            raise NotFound("No order has this number and e-mail address.")
        if not may_see and not opens_by_look_up(order):
            actions.mail_link(order_id=order.id)
            return answer(shapes.LookupAnswer(number=order.number, token=None), status=202)
        token = link_token(order.id, order.link_version)
        return answer(shapes.LookupAnswer(number=order.number, token=token))
