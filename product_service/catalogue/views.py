"""The catalogue over HTTP. Reads need no token and are answered from ready bytes."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from product_service import shapes
from product_service.catalogue.cache import ready_response
from product_service.catalogue.detail import product_detail
from product_service.catalogue.listing import list_products
from product_service.catalogue.parameters import PARAMETERS, ListQuery
from product_service.catalogue.quoting import quote
from product_service.catalogue.tree import category_page, category_tree
from product_service.described import problems


class ReadView(APIView):
    """A read, answered from ready bytes."""

    authentication_classes = ()

    def ready(self, request: Request, name: str, build: Callable[[], bytes]) -> HttpResponse:
        return ready_response(request._request, name, build)


class ProductsView(ReadView):
    @extend_schema(
        operation_id="list_products",
        parameters=[
            OpenApiParameter(name, rule.described, required=False)
            for name, rule in PARAMETERS.items()
        ],
        responses={200: shapes.ProductList, **problems(400, 404, 503)},
        auth=[],
    )
    def get(self, request: Request) -> HttpResponse:
        """List published products. A category includes its subcategories."""
        query = ListQuery.parse(request.query_params)
        return self.ready(request, repr(query), lambda: list_products(query))


class ProductView(ReadView):
    @extend_schema(
        operation_id="get_product",
        responses={200: shapes.ProductDetail, **problems(404, 503)},
        auth=[],
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Get a product with its variants, attributes and pictures."""
        return self.ready(request, f"product:{slug}", lambda: product_detail(slug))


class CategoriesView(ReadView):
    @extend_schema(
        operation_id="list_categories",
        responses={200: shapes.CategoryTree, **problems(503)},
        auth=[],
    )
    def get(self, request: Request) -> HttpResponse:
        """Get the category tree with the number of published products in each."""
        return self.ready(request, "categories", category_tree)


class CategoryView(ReadView):
    @extend_schema(
        operation_id="get_category",
        responses={200: shapes.CategoryDetail, **problems(404, 503)},
        auth=[],
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Get a category with its ancestors and subcategories."""
        return self.ready(request, f"category:{slug}", lambda: category_page(slug))


class QuotesView(APIView):
    authentication_classes = ()

    @extend_schema(
        operation_id="quote",
        request=shapes.WantedQuote,
        responses={200: shapes.Quote, **problems(400, 413, 415, 503)},
        examples=[
            OpenApiExample(
                "two of one",
                value={"lines": [{"sku": "DM-HOM0192-01", "quantity": 2}]},
                request_only=True,
            )
        ],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Get current names, prices and availability for the lines of a cart, in the same order."""
        return Response(quote(shapes.WantedQuote.read(request.data).lines))
