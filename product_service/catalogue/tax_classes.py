"""The classes of tax that a product may have; a rate belongs to each in order_service."""

from __future__ import annotations

TAX_CLASSES = (("standard", "Standard"), ("reduced", "Reduced"), ("zero", "Zero"))
