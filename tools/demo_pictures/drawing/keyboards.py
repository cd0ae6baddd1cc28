"""Keyboards seen from above, at an angle."""

from __future__ import annotations

from tools.demo_pictures.drawing.finishes import Finish, Screen
from tools.demo_pictures.drawing.svg import Drawing

# Widths in key units; a negative one is a gap.
Rows = tuple[tuple[float, ...], ...]

_COMPACT: Rows = (
    (1.0,) * 13 + (2.0, -0.25, -1.0),
    (1.5,) + (1.0,) * 12 + (1.5, -0.25, 1.0),
    (1.75,) + (1.0,) * 11 + (2.25, -0.25, 1.0),
    (2.25,) + (1.0,) * 10 + (1.75, 1.0, -0.25, 1.0),
    (1.25, 1.25, 1.25, 6.25, 1.0, 1.0, 1.0, 1.0, 1.0, -0.25, 1.0),
)
_PAD = (-0.4, 1.0, 1.0, 1.0, 1.0)
_NAV = (-0.4, 1.0, 1.0, 1.0)
_FULL: Rows = (
    (1.0, -1.0, 1.0, 1.0, 1.0, 1.0, -0.5, 1.0, 1.0, 1.0, 1.0, -0.5, 1.0, 1.0, 1.0, 1.0, *_NAV),
    (1.0,) * 13 + (2.0,) + _NAV + _PAD,
    (1.5,) + (1.0,) * 12 + (1.5,) + _NAV + _PAD,
    (1.75,) + (1.0,) * 11 + (2.25,) + (-3.4,) + _PAD,
    (2.25,) + (1.0,) * 10 + (2.75, -1.4, 1.0, -1.0) + _PAD,
    (1.25, 1.25, 1.25, 6.25, 1.25, 1.25, 1.25, 1.25, *_NAV, -0.4, 2.0, 1.0, 1.0),
)
_ACCENTS = {_COMPACT: {(0, 0), (2, 12), (4, 9)}, _FULL: {(0, 0), (3, 12), (5, 14)}}


def keyboard(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(330, 440, 310, 90, 0.40)
    with d.group(transform="matrix(.93 -.183 .193 .896 -8 218)"):
        _case(d, finish, 0, 62, 620, 224)
        _rows(d, finish, _FULL, 16, 78, 26.2, 31)
        for light in range(3):
            d.circle(516 + light * 18, 92, 3, screen.layers[0] if not light else finish.dark)


def keyboard_compact(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(330, 450, 300, 100, 0.40)
    with d.group(transform="matrix(.92 -.203 .213 .891 5 248)"):
        _case(d, finish, 0, 20, 610, 238)
        _rows(d, finish, _COMPACT, 18, 40, 35.3, 40)
        d.circle(574, 59, 20, d.linear(finish.light, finish.dark, angle=60), stroke=finish.rim)
        d.circle(574, 57, 14, d.linear(finish.accent, finish.accent + "/.75"))
        d.line("M574,45V52", "#ffffff", 2.5)


def keyboard_glow(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(330, 450, 310, 104, 0.40)
    with d.group(transform="matrix(.92 -.203 .213 .891 5 248)"):
        light = d.linear(
            screen.layers[0], screen.layers[1], screen.layers[2], screen.layers[0], angle=8
        )
        d.rect(-10, 14, 630, 262, 30, light, opacity=".30")
        _case(d, finish, 0, 20, 610, 238)
        d.rect(12, 34, 586, 212, 12, light)
        _rows(d, finish, _COMPACT, 18, 40, 35.3, 40, glow=light)
        d.rect(555, 42, 36, 32, 7, "#0d1016")
        for bar in range(4):
            d.rect(562 + bar * 6, 66 - bar * 4, 4, 4 + bar * 4, 1, screen.layers[bar % 3])


def _case(d: Drawing, finish: Finish, x: float, y: float, w: float, h: float) -> None:
    for step in range(14, 0, -2):
        d.rect(x, y + step, w, h, 20, finish.dark)
    d.rect(x, y + 14, w, h, 20, stroke=finish.rim, stroke_opacity=".6", stroke_width="1.4")
    d.rect(
        x,
        y,
        w,
        h,
        20,
        d.linear(finish.light, finish.base, finish.dark, angle=40),
        stroke=finish.rim,
        stroke_width="1.4",
    )
    d.rect(x + 10, y + 12, w - 20, h - 24, 12, finish.dark, opacity=".75")


def _rows(
    d: Drawing,
    finish: Finish,
    rows: Rows,
    x: float,
    y: float,
    unit: float,
    pitch: float,
    glow: str = "",
) -> None:
    for row, widths in enumerate(rows):
        left = x
        for place, width in enumerate(widths):
            if width > 0:
                accented = (row, place) in _ACCENTS[rows]
                _key(d, finish, left, y + row * pitch, width * unit, pitch, accented, glow)
            left += abs(width) * unit


def _key(
    d: Drawing, finish: Finish, x: float, y: float, w: float, h: float, accented: bool, glow: str
) -> None:
    top = (finish.accent, finish.accent) if accented else (finish.light, finish.base)
    if glow:
        top = ("#343a48", "#1d212b")
    if not glow:
        d.rect(x + 1, y + 2, w - 2.5, h - 3, 5, top[1])
        d.rect(x + 1, y + 2, w - 2.5, h - 3, 5, "#05070d", opacity=".38")
    d.rect(x + 3, y + 1.5, w - 6.5, h - 8.5, 4, d.linear(*top))
    legend = finish.light if accented else finish.dark
    if w < h * 1.6 and not glow:
        d.rect(x + w * 0.32, y + h * 0.26, w * 0.22, h * 0.1, 1.5, legend, opacity=".8")
