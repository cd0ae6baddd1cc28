"""Routes of the catalogue, mounted under /v1/. Pictures are at /media/, see `media`."""

from __future__ import annotations

from django.urls import path

from product_service.catalogue import views

urlpatterns = [
    path("products", views.ProductsView.as_view(), name="products"),
    path("products/<slug:slug>", views.ProductView.as_view(), name="product"),
    path("categories", views.CategoriesView.as_view(), name="categories"),
    path("categories/<slug:slug>", views.CategoryView.as_view(), name="category"),
    path("quotes", views.QuotesView.as_view(), name="quotes"),
]
