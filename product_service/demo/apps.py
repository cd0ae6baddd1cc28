"""The demo shop: a catalogue to try the project with, brought in and taken out by commands."""

from __future__ import annotations

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "product_service.demo"
    label = "demo"
