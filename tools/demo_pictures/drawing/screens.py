"""What a switched-on display shows: wallpaper, glass reflection, clock."""

from __future__ import annotations

from collections.abc import Callable

from tools.demo_pictures.drawing.finishes import Screen
from tools.demo_pictures.drawing.svg import Drawing, box


def glass(d: Drawing, screen: Screen, x: float, y: float, w: float, h: float, r: float = 0) -> None:
    """A lit display of that size with rounded corners."""
    wallpaper(d, screen, x, y, w, h, box(x, y, w, h, r))


def wallpaper(
    d: Drawing, screen: Screen, x: float, y: float, w: float, h: float, clip: str
) -> None:
    """The wallpaper over the given rectangle, cut to `clip`."""
    with d.group(clip=clip):
        d.rect(x, y, w, h, 0, d.linear(*screen.sky, angle=80))
        with d.group(transform=f"translate({x} {y}) scale({w / 100:.4f} {h / 100:.4f})"):
            _STYLES[screen.style](d, screen)
        sheen = d.linear("#ffffff/.20", "#ffffff/.05@.6", "#ffffff/0")
        d.path(f"M{x},{y}h{w * 0.62}L{x + w * 0.2},{y + h}H{x}z", sheen)


def _waves(d: Drawing, screen: Screen) -> None:
    d.ellipse(74, 24, 30, 30, d.radial("#ffffff/.55", "#ffffff/0"))
    for top, colour in zip((44, 58, 74), screen.layers, strict=True):
        fade = d.linear(f"{colour}/.95", f"{colour}/.55", angle=70)
        d.path(
            f"M-5,{top}C20,{top - 24} 38,{top + 20} 62,{top - 2}S96,{top - 20} 105,{top - 6}"
            "V105H-5z",
            fade,
        )


def _dunes(d: Drawing, screen: Screen) -> None:
    d.ellipse(66, 34, 30, 30, d.radial("#fff6d8/.7", "#fff6d8/0"))
    d.ellipse(66, 34, 11, 11, d.linear("#fffbe8", "#ffe29a"))
    shapes = (
        "M-5,62C20,46 42,44 66,58S98,60 105,50V105H-5z",
        "M-5,58C16,60 32,76 56,76S90,64 105,68V105H-5z",
        "M-5,86C26,68 56,88 105,80V105H-5z",
    )
    for shape, colour in zip(shapes, screen.layers, strict=True):
        d.path(shape, d.linear(colour, f"{colour}/.75", angle=60))


def _ribbons(d: Drawing, screen: Screen) -> None:
    shapes = (
        "M-5,82C30,80 40,18 105,8V30C52,36 42,96 -5,98z",
        "M-5,58C30,62 46,34 105,34V58C60,54 40,86 -5,80z",
        "M-5,96C38,98 54,66 105,66V105H-5z",
    )
    for shape, colour in zip(shapes, screen.layers, strict=True):
        d.path(shape, d.linear(f"{colour}/.25", colour, f"{colour}/.55", angle=10))


def _orbs(d: Drawing, screen: Screen) -> None:
    for (x, y, r), colour in zip(
        ((28, 72, 46), (80, 30, 34), (60, 92, 26)), screen.layers, strict=True
    ):
        d.ellipse(x, y, r, r, d.radial(colour, f"{colour}/.85@.35", f"{colour}/0", at=(0.4, 0.35)))


_STYLES: dict[str, Callable[[Drawing, Screen], None]] = {
    "waves": _waves,
    "dunes": _dunes,
    "ribbons": _ribbons,
    "orbs": _orbs,
}

# Strokes on a grid 6 wide and 10 high: a font would differ from machine to machine.
_DIGITS = {
    "0": "M3,0C5.2,0 6,2 6,5S5.2,10 3,10S0,8 0,5S.8,0 3,0",
    "1": "M1,2L3.4,0V10",
    "2": "M.3,2.4C.6,.6 2,0 3,0C4.8,0 5.8,1.2 5.8,2.7C5.8,5 1.5,7.2 .2,10H6",
    "9": "M5.8,3.2C5.8,5 4.6,6.3 3,6.3S.2,5 .2,3.2S1.4,0 3,0S5.8,1.4 5.8,3.2C5.8,6.5 5,8.8 2,10",
    ":": "M3,3v.1M3,7v.1",
}


def digits(
    d: Drawing, text: str, cx: float, y: float, height: float, colour: str = "#ffffff"
) -> None:
    """Digits and colons as thin strokes, centred on `cx`."""
    scale = height / 10
    width = len(text) * 8 - 2
    for position, sign in enumerate(text):
        left = cx + (position * 8 - width / 2) * scale
        with d.group(transform=f"translate({left:.1f} {y:.1f}) scale({scale:.3f})"):
            d.line(_DIGITS[sign], colour, 1.1)
