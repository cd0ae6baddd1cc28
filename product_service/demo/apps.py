"""The demo shop: a catalogue to try the project with; `seed_demo` brings it, `remove_demo` takes it."""

from __future__ import annotations

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "product_service.demo"
    label = "demo"
