"""Pictures of the running shop: `python -m tests.e2e.screenshots --base-url URL --out FOLDER`.

One purchase a width and theme; each page is stored as <page>-<width>-<theme>.png.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from tests.e2e.browser import WIDTHS, chromium, load_all_pictures
from tests.e2e.shopper import Shopper

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--out", type=Path, default=Path("docs/screenshots"))
    parser.add_argument("--full-page", action="store_true", help="the whole page, not one window")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for width, theme in itertools.product(WIDTHS, THEMES):
            Photographer(browser, width, theme, chosen).work()
            print(f"{width} px, {theme}: done")


class Photographer:
    """Buys something at one width in one theme and takes a picture of each page."""

    def __init__(
        self, browser: Browser, width: int, theme: Theme, chosen: argparse.Namespace
    ) -> None:
        size = {"width": width, "height": WIDTHS[width]}
        self.page: Page = browser.new_page(viewport=size, color_scheme=theme)  # type: ignore[arg-type]
        self.page.set_default_timeout(15_000)
        self.shopper = Shopper(self.page, chosen.base_url)
        self.chosen = chosen
        self.suffix = f"{width}-{theme}.png"

    def work(self) -> None:
        self._catalogue()
        shopper = self.shopper
        shopper.put_into_cart()
        self._take("cart")
        shopper.go_to_checkout()
        self._take("checkout-contact")
        shopper.contact()
        self._take("checkout-delivery")
        shopper.delivery()
        self._take("checkout-payment")
        shopper.payment()
        self._take("checkout-review")
        shopper.pay()
        self._take("order-placed")
        shopper.see_confirmed()
        self._take("order-confirmed")
        self.page.close()

    def _catalogue(self) -> None:
        self.shopper.open("/")
        self._take("home")
        self.page.locator("a.tile").first.click()
        self._take("category")
        self.shopper.open("/search/?q=wireless")
        self._take("search")
        self.shopper.open("/p/no-such-thing/")
        self._take("not-found")
        self.shopper.choose_product()
        self._take("product")

    def _take(self, name: str) -> None:
        load_all_pictures(self.page)
        path = self.chosen.out / f"{name}-{self.suffix}"
        self.page.screenshot(path=path, full_page=self.chosen.full_page, animations="disabled")


if __name__ == "__main__":
    main()
