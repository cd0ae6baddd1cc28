"""Every route of the storefront."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
