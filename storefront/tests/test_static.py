"""One style sheet, one vendored script, and the weight of a page."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

from django.conf import settings

from storefront.tests.shopper import Shopper

KIB = 1024
# htmx.org 2.0.11 from the npm registry, dist/htmx.min.js
HTMX = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"


def packed(html: str, pattern: str, root: Path) -> int:
    """Bytes over the wire of all files of a page whose address matches."""
    return sum(len(gzip.compress((root / name).read_bytes())) for name in re.findall(pattern, html))


def test_vendored_script_is_the_published_one() -> None:
    folder = settings.STATICFILES_DIRS[0] / "vendor"
    (script,) = folder.iterdir()
    assert hashlib.sha256(script.read_bytes()).hexdigest() == HTMX


def test_page_keeps_its_weight(shopper: Shopper, static_files: Path) -> None:
    shopper.review()
    for path in (
        "/",
        "/c/headphones/",
        "/p/nordlicht-14/",
        "/cart/",
        "/checkout/review/",
        "/orders/",
    ):
        page = shopper.open(path)
        assert (page.path, page.status) == (path, 200)
        html = page.html
        assert len(gzip.compress(html.encode())) <= 30 * KIB, path
        assert packed(html, r'href="/static/([^"]+\.css)"', static_files) <= 12 * KIB, path
        assert packed(html, r'src="/static/([^"]+\.js)"', static_files) <= 18 * KIB, path
        pictures = set(re.findall(r'src="(/media/[^"]+)"', html))
        static = set(re.findall(r'"(/static/[^"]+)"', html))
        assert 1 + len(static) + len(pictures) <= 25, path


def test_order_page_keeps_its_weight(shopper: Shopper, static_files: Path) -> None:
    html = shopper.buy().html
    assert packed(html, r'src="/static/([^"]+\.js)"', static_files) <= 18 * KIB


def test_browser_gets_one_style_sheet_with_every_part(shopper: Shopper, static_files: Path) -> None:
    (name,) = re.findall(r'href="/static/([^"]+\.css)"', shopper.open("/").html)
    sheet = (static_files / name).read_text()
    assert "@import" not in sheet
    parts = list((settings.STATICFILES_DIRS[0] / "css" / "components").glob("*.css"))
    assert len(parts) >= 20
    for part in parts:
        first_rule = re.search(r"\.[a-z_-]+", part.read_text())
        assert first_rule is not None
        assert first_rule[0] in sheet


def test_no_raw_colour_outside_the_tokens() -> None:
    css = settings.STATICFILES_DIRS[0] / "css"
    for sheet in css.rglob("*.css"):
        if sheet.name != "tokens.css":
            assert not re.search(r"#[0-9a-f]{3,8}\b|rgba?\(", sheet.read_text()), sheet.name


def test_no_important_and_no_ids_in_the_style_sheets() -> None:
    css = settings.STATICFILES_DIRS[0] / "css"
    for sheet in css.rglob("*.css"):
        text = sheet.read_text()
        assert "!important" not in text, sheet.name
        assert not re.search(r"^\s*#[a-z]", text, re.MULTILINE), sheet.name
