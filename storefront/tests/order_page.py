"""The one order that a test has, and where its pages are."""

from __future__ import annotations

import html

from storefront.tests.shopper import Page

NUMBER = "TC-00000001"
STATUS = f"/orders/{NUMBER}/"
PROGRESS = f"/orders/{NUMBER}/progress/"


def text(page: Page) -> str:
    """The page as a reader sees its letters."""
    return html.unescape(page.html)
