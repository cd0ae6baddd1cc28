"""The catalogue over HTTP. Reads need no token and are answered from ready bytes."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
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
from product_service.described import operation


class ReadView(APIView):
    """A read, answered from ready bytes."""

    authentication_classes = ()

    def ready(self, request: Request, name: str, build: Callable[[], bytes]) -> HttpResponse:
        return ready_response(request._request, name, build)


class ProductsView(ReadView):
    @operation(
        *("list_products", shapes.ProductList, 404),
        parameters=[
            OpenApiParameter(name, rule.described, required=False)
            for name, rule in PARAMETERS.items()
        ],
        auth=[],
    )
    def get(self, request: Request) -> HttpResponse:
        """List published products. A category includes its subcategories."""
        query = ListQuery.parse(request.query_params)
        return self.ready(request, repr(query), lambda: list_products(query))


class ProductView(ReadView):
    @operation("get_product", shapes.ProductDetail, 404, auth=[])
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Get a product with its variants, attributes and pictures."""
        return self.ready(request, f"product:{slug}", lambda: product_detail(slug))


class CategoriesView(ReadView):
    @operation("list_categories", shapes.CategoryTree, auth=[])
    def get(self, request: Request) -> HttpResponse:
        """Get the category tree with the number of published products in each."""
        return self.ready(request, "categories", category_tree)


class CategoryView(ReadView):
    @operation("get_category", shapes.CategoryDetail, 404, auth=[])
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Get a category with its ancestors and subcategories."""
        return self.ready(request, f"category:{slug}", lambda: category_page(slug))


class QuotesView(APIView):
    authentication_classes = ()

    @operation(
        *("quote", shapes.Quote, 413, 415),
        request=shapes.WantedQuote,
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
