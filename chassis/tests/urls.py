"""A few views that fail in every way that the chassis promises to answer for."""

import gc
import time
from typing import Annotated, NoReturn

from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.validators import ProhibitNullCharactersValidator
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from psycopg.errors import AdminShutdown
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from chassis.auth import caller_of, scope
from chassis.errors import Conflict
from chassis.shapes import Body, Price, one_of, text, whole


class Line(Body):
    sku: Annotated[str, text(40, shape=ProhibitNullCharactersValidator())]
    quantity: Annotated[int, whole(1, 99)]


class Cart(Body):
    lines: tuple[Line, ...]
    total: Price
    way: Annotated[str, one_of(("road", "rail"))] = "road"


@api_view(["POST"])
def cart(request: Request) -> Response:
    return Response({"total": Cart.read(request.data).total.to_wire()})


@api_view(["GET"])
@permission_classes([scope("orders")])
def orders(request: Request) -> Response:
    return Response({"subject": caller_of(request).subject})


@api_view(["GET"])
def conflict(request: Request) -> NoReturn:
    raise Conflict("Wait.", extra={"total": "1.00"}, headers={"Retry-After": "1"})


def database_away(request: HttpRequest) -> NoReturn:
    raise OperationalError("connection refused")


WRAPPERS: dict[str, type[Exception]] = {
    each.__name__: each
    for each in (
        *(BadRequest, SessionInterrupted, SuspiciousOperation, PermissionDenied, Http404),
        *(NotFound, ValueError, OperationalError, InterfaceError, AdminShutdown),
    )
}


def wrapped(request: HttpRequest, name: str) -> NoReturn:
    """What comes of a lost connection that somebody on the way took for something else."""
    try:
        raise AdminShutdown("terminating connection due to administrator command")
    except AdminShutdown:
        raise WRAPPERS[name]("taken for this")  # noqa: B904


def statement(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse()


def bug(request: HttpRequest) -> NoReturn:
    raise ZeroDivisionError


def slow(request: HttpRequest) -> HttpResponse:
    time.sleep(30)
    return HttpResponse()


def busy(request: HttpRequest) -> HttpResponse:
    time.sleep(float(request.GET["seconds"]))
    return HttpResponse("done")


def size(request: HttpRequest) -> HttpResponse:
    text = str(len(request.body))
    return HttpResponse(text, headers={"Content-Length": str(len(text))})


def large(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"x" * int(request.GET["bytes"]))


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.headers.get("X-Request-ID", ""))


def collect(request: HttpRequest) -> HttpResponse:
    return HttpResponse(gc.collect())


urlpatterns = [
    path("cart/", cart),
    path("orders/", orders),
    path("conflict/", conflict),
    path("database-away/", database_away),
    path("wrapped/<name>/", wrapped),
    path("api/wrapped/<name>/", api_view(["GET"])(wrapped)),
    path("statement/", statement),
    path("bug/", bug),
    path("upload/", echo),
    path("upload/size/", size),
    path("size/", size),
    path("large/", large),
    path("busy/", busy),
    path("echo/", echo),
    path("collect/", collect),
    path("slow/", slow),
]

handler400 = "chassis.error_handlers.bad_request"
handler404 = "chassis.error_handlers.not_found"
handler500 = "chassis.error_handlers.server_error"
