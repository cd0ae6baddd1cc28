"""Phones: back and front together, front alone, back alone."""

from __future__ import annotations

from tools.demo_pictures.drawing.finishes import Finish, Screen
from tools.demo_pictures.drawing.screens import digits, glass
from tools.demo_pictures.drawing.svg import Drawing


def phone(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(325, 588, 230, 26)
    _back(d, finish, 92, 52, 248, 516)
    d.rect(300, 84, 40, 500, 30, d.linear("#05070d/.45", "#05070d/0", angle=180))
    _front(d, finish, screen, 302, 70, 248, 516)


def phone_front(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(335, 592, 150, 24)
    with d.group(transform="rotate(6 320 320)"):
        _front(d, finish, screen, 192, 48, 258, 536)


def phone_back(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(310, 592, 150, 24)
    with d.group(transform="rotate(-6 320 320)"):
        _back(d, finish, 192, 48, 258, 536, wide=True)


def _back(
    d: Drawing, finish: Finish, x: float, y: float, w: float, h: float, *, wide: bool = False
) -> None:
    frame = d.linear(finish.rim, finish.dark, finish.light, finish.dark, angle=15)
    d.rect(x - 2.5, y + 150, 5, 52, 2, finish.dark)
    d.rect(x, y, w, h, 46, frame)
    d.rect(x, y, w, h, 46, stroke=finish.rim, stroke_width="1.4")
    d.rect(
        x + 5, y + 5, w - 10, h - 10, 42, d.linear(finish.light, finish.base, finish.dark, angle=62)
    )
    sheen = d.linear("#ffffff/.30", "#ffffff/0", angle=55)
    d.path(
        f"M{x + 6},{y + h * 0.62}L{x + w * 0.62},{y + 6}H{x + w * 0.9}L{x + 6},{y + h * 0.9}Z",
        sheen,
    )
    if wide:
        _bar(d, finish, x, y, w)
    else:
        _island(d, finish, x + 20, y + 20)
    for step, height in enumerate((9, 15, 21)):
        d.rect(
            x + w / 2 - 13 + step * 10,
            y + h * 0.62 - height,
            6,
            height,
            2,
            finish.dark,
            opacity=".55",
        )


def _island(d: Drawing, finish: Finish, x: float, y: float) -> None:
    d.rect(
        x,
        y,
        68,
        188,
        34,
        d.linear(finish.light, finish.base, finish.dark, angle=50),
        stroke=finish.rim,
        stroke_opacity=".7",
        stroke_width="1.4",
    )
    for cy in (36, 92):
        _lens(d, x + 34, y + cy, 25)
    _lens(d, x + 34, y + 146, 17)
    d.circle(x + 94, y + 36, 8, d.radial("#fffbe9", "#ffdf9a"))
    d.circle(x + 94, y + 62, 3.5, "#12151c")


def _bar(d: Drawing, finish: Finish, x: float, y: float, w: float) -> None:
    d.rect(
        x - 4,
        y + 74,
        w + 8,
        86,
        26,
        d.linear(finish.light, finish.base, finish.dark),
        stroke=finish.rim,
        stroke_width="1.4",
    )
    d.rect(x + 18, y + 84, 152, 66, 33, d.linear("#1a1d26", "#07080c"))
    for cx in (52, 100, 144):
        _lens(d, x + cx, y + 117, 26 if cx < 140 else 17)
    d.circle(x + 204, y + 117, 10, d.radial("#fffbe9", "#ffdf9a"))


def _lens(d: Drawing, cx: float, cy: float, r: float) -> None:
    d.circle(cx, cy, r, d.linear("#5b6273", "#15181f", angle=60))
    d.circle(cx, cy, r * 0.84, "#090b10")
    d.circle(cx, cy, r * 0.6, d.radial("#3f5bd0", "#1a2150@.5", "#07090f", at=(0.4, 0.38)))
    d.circle(cx, cy, r * 0.26, "#05060a")
    d.circle(cx - r * 0.24, cy - r * 0.28, r * 0.15, "#ffffff", opacity=".85")
    d.circle(cx + r * 0.24, cy + r * 0.26, r * 0.08, "#b9c8ff", opacity=".7")


def _front(
    d: Drawing, finish: Finish, screen: Screen, x: float, y: float, w: float, h: float
) -> None:
    d.rect(x + w - 2.5, y + 140, 5, 68, 2, finish.dark)
    d.rect(x, y, w, h, 46, d.linear(finish.light, finish.dark, finish.light, finish.base, angle=20))
    d.rect(x, y, w, h, 46, stroke=finish.rim, stroke_width="1.4")
    d.rect(x + 4, y + 4, w - 8, h - 8, 43, "#08090d")
    glass(d, screen, x + 11, y + 11, w - 22, h - 22, 36)
    d.circle(x + w / 2, y + 33, 9, "#06070b")
    d.circle(x + w / 2, y + 33, 4, "#1b2550")
    digits(d, "10:09", x + w / 2, y + 92, 46)
    d.rect(x + w / 2 - 44, y + 68, 88, 8, 4, "#ffffff", opacity=".7")
    for row, width in enumerate((150, 104)):
        top = y + h - 148 + row * 52
        d.rect(x + 24, top, w - 48, 44, 14, "#ffffff", opacity=".26")
        d.rect(x + 34, top + 10, 24, 24, 8, screen.layers[row])
        d.rect(x + 68, top + 12, width * 0.6, 6, 3, "#ffffff", opacity=".9")
        d.rect(x + 68, top + 26, width * 0.85, 5, 2.5, "#ffffff", opacity=".6")
    d.rect(x + w / 2 - 36, y + h - 24, 72, 4, 2, "#ffffff", opacity=".85")
