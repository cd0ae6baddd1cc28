"""The catalogue over HTTP. Reads need no token and are answered from ready bytes."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from chassis.json_view import JsonView
from product_service import shapes
from product_service.catalogue.cache import current_version, ready_response
from product_service.catalogue.detail import product_detail, product_preview
from product_service.catalogue.listing import list_products
from product_service.catalogue.parameters import PARAMETERS, ListQuery
from product_service.catalogue.previews import previewed
from product_service.catalogue.quoting import quote
from product_service.catalogue.tree import category_page, category_tree
from product_service.described import operation, two_of_one


class OpenView(JsonView):
    """Needs no token."""

    authentication_classes = ()


class ProductsView(OpenView):
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
        return ready_response(request, repr(query), lambda: list_products(query))


class ProductView(OpenView):
    @operation("get_product", shapes.ProductDetail, 404, auth=[])
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Get a product with its variants, attributes and pictures.

        A slug that the product had before is answered too: then `slug` differs.
        """
        return ready_response(request, f"product:{slug}", lambda: product_detail(slug))


class PreviewView(OpenView):
    @operation("get_preview", shapes.ProductDetail, 404, auth=[])
    def get(self, request: Request, token: str) -> HttpResponse:
        """Get a product that may not be in the shop, by the token of a link that ends."""
        return HttpResponse(product_preview(previewed(token)), content_type="application/json")


class CategoriesView(OpenView):
    @operation("list_categories", shapes.CategoryTree, auth=[])
    def get(self, request: Request) -> HttpResponse:
        """Get the category tree with the number of published products in each."""
        return ready_response(request, "categories", category_tree)


class CategoryView(OpenView):
    @operation("get_category", shapes.CategoryDetail, 404, auth=[])
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Get a category with its ancestors and subcategories."""
        return ready_response(request, f"category:{slug}", lambda: category_page(slug))


class VersionView(OpenView):
    @operation("get_catalogue_version", shapes.CatalogueVersion, auth=[])
    def get(self, request: Request) -> Response:
        """Get the version of the catalogue. It changes with everything that shoppers see."""
        version = current_version()
        return Response({"version": str(version) if version else None})


class QuotesView(OpenView):
    @operation(
        *("quote", shapes.Quote, 413, 415),
        request=shapes.WantedQuote,
        examples=[two_of_one()],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Get current names, prices and availability for the lines of a cart, in the same order."""
        return Response(quote(shapes.WantedQuote.read(request.data).lines))
