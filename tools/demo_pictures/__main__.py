"""Draws every picture of the demo shop anew: `python -m tools.demo_pictures`, for maintainers.

Needs a Chromium on PATH. Writes `<sha256>.webp` and `manifest.json` into product_service's
demo/pictures, and removes pictures that are no longer in the list. What it wrote is committed, so
that the product image holds finished files and nothing that draws.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sys
from collections.abc import Iterable, Iterator

from PIL import Image, ImageFilter
from playwright.sync_api import sync_playwright

from product_service.demo.pictures import FOLDER
from product_service.demo.shapes import View, views
from tools.demo_pictures.drawing.svg import SIZE as SHEET
from tools.demo_pictures.sheets import svg

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
SIZE = 560  # pixels: two device pixels to a CSS pixel on a card
QUALITIES = (62, 46, 32, 16)  # the first that fits is taken
AIM_BYTES = 8_000
# A lossless transparency is most of the bytes, so it gets few levels: the soft shadow steps of 8,
# the smoothed outlines steps of 51.
SHADOW_BELOW, SHADOW_STEP, OUTLINE_STEP = 118, 8, 51
SHADOW_COLOUR = (5, 7, 13)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    entries: dict[str, dict[str, str | int]] = {}
    for view, png in _screenshots(views()):
        webp = _to_webp(png)
        sha256 = hashlib.sha256(webp).hexdigest()
        (FOLDER / f"{sha256}.webp").write_bytes(webp)
        entries[view.name] = {"sha256": sha256, "width": SIZE, "height": SIZE, "alt": view.alt}
    kept = {entry["sha256"] for entry in entries.values()}
    for path in FOLDER.glob("*.webp"):
        if path.stem not in kept:
            path.unlink()
    text = json.dumps(entries, indent=1, ensure_ascii=False, sort_keys=True)
    (FOLDER / "manifest.json").write_text(text + "\n", encoding="utf-8")
    total = sum(path.stat().st_size for path in FOLDER.glob("*.webp"))
    sys.stdout.write(f"{len(entries)} pictures, {total // 1024} KiB\n")


def _screenshots(wanted: Iterable[View]) -> Iterator[tuple[View, bytes]]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit("No Chromium on PATH: install one, then run this again.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": SHEET, "height": SHEET})
        for view in wanted:
            page.set_content(f'<body style="margin:0">{svg(view)}</body>')
            yield view, page.screenshot(omit_background=True)
        browser.close()


def _to_webp(png: bytes) -> bytes:
    with Image.open(io.BytesIO(png)) as opened:
        # Shrunk with premultiplied alpha: otherwise outlines take on the colour of nothing.
        small = opened.convert("RGBa").resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    picture = _few_levels(small.convert("RGBA"))
    for quality in QUALITIES:
        target = io.BytesIO()
        picture.save(target, "WEBP", quality=quality, method=4)
        if target.tell() <= AIM_BYTES:
            break
    return target.getvalue()


def _few_levels(picture: Image.Image) -> Image.Image:
    alpha = picture.getchannel("A")
    near = alpha.filter(ImageFilter.MaxFilter(3))
    shadow = near.point([255 if level < SHADOW_BELOW else 0 for level in range(256)])
    soft = alpha.filter(ImageFilter.MedianFilter(5)).point(_steps(SHADOW_STEP))
    plain = Image.new("RGB", picture.size, SHADOW_COLOUR)
    result = Image.composite(plain, picture.convert("RGB"), shadow)
    result.putalpha(Image.composite(soft, alpha.point(_steps(OUTLINE_STEP)), shadow))
    return result


def _steps(step: int) -> list[int]:
    return [min(255, (level + step // 2) // step * step) for level in range(256)]


if __name__ == "__main__":
    main()
