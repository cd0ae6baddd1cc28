"""Laptops: open, from behind, and standing as a tent."""

from __future__ import annotations

from collections.abc import Callable

from tools.demo_pictures.drawing.finishes import Finish, Screen
from tools.demo_pictures.drawing.screens import glass
from tools.demo_pictures.drawing.svg import Drawing, Point

_KEY_ROWS = (
    (1.0,) * 14,
    (1.0,) * 13 + (1.6,),
    (1.5,) + (1.0,) * 12 + (1.1,),
    (1.8,) + (1.0,) * 11 + (1.8,),
    (2.3,) + (1.0,) * 10 + (2.3,),
    (1.0, 1.0, 1.0, 1.3, 5.4, 1.3, 1.0, 0.9, 0.9, 0.9),
)


def laptop(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 548, 312, 34)
    d.rect(92, 92, 456, 312, 18, d.linear(finish.light, finish.base, finish.dark, angle=60))
    d.rect(92, 92, 456, 312, 18, stroke=finish.rim, stroke_width="1.5")
    d.rect(97, 97, 446, 304, 14, "#0b0d12")
    glass(d, screen, 108, 110, 424, 272, 6)
    d.circle(320, 103.5, 2.4, "#2c3344")
    d.rect(120, 401, 400, 10, 3, d.linear("#0d0f15", "#3a3f4b", "#0d0f15", angle=0))
    at = _deck((320, 410), 456, (320, 530), 580)
    deck = d.linear(finish.base, finish.light, finish.base, angle=80)
    d.polygon([at(0, 0), at(1, 0), at(1, 1), at(0, 1)], deck)
    _keys(d, at, finish)
    d.polygon(
        [at(0.34, 0.67), at(0.66, 0.67), at(0.66, 0.96), at(0.34, 0.96)],
        d.linear(finish.dark + "/.22", finish.dark + "/.10"),
        stroke=finish.dark,
        stroke_opacity=".45",
        stroke_width="1",
    )
    d.path(
        "M30,530H610V537Q608,550 586,550H54Q32,550 30,537Z",
        d.linear(finish.light, finish.base, finish.dark),
    )
    d.path("M262,530H378Q376,540 364,540H276Q264,540 262,530Z", finish.dark, opacity=".7")
    d.line("M30,530.5H610", finish.rim, 1.2)


def laptop_back(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 540, 300, 32)
    d.path(
        "M64,512H576L592,530Q590,544 572,544H68Q50,544 48,530Z", d.linear(finish.light, finish.dark)
    )
    d.rect(110, 502, 420, 16, 5, d.linear("#14171e", "#454b58", "#14171e", angle=0))
    lid = "M92,150Q92,128 114,128H526Q548,128 548,150L568,496Q569,512 552,512H88Q71,512 72,496Z"
    d.path(lid, d.linear(finish.light, finish.base, finish.dark, angle=55))
    with d.group(clip=lid):
        d.path("M60,512L330,120H470L200,520Z", d.linear("#ffffff/.22", "#ffffff/0", angle=40))
        glow = d.radial(screen.layers[0] + "/.5", screen.layers[0] + "/0")
        d.ellipse(320, 530, 260, 40, glow)
    d.path(lid, stroke=finish.rim, stroke_width="1.6")
    _emblem(d, 320, 312, finish)


def convertible(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(330, 536, 290, 40)
    d.polygon(
        [(150, 118), (508, 142), (606, 500), (594, 512), (216, 470)],
        d.linear(finish.dark, "#0c0e13", angle=30),
    )
    d.polygon(
        [(508, 142), (521, 147), (612, 506), (594, 512)],
        d.linear(finish.light, finish.base),
        stroke=finish.rim,
    )
    with d.group(transform="matrix(1 .07 -.16 1 140 108)"):
        d.rect(0, 0, 384, 400, 16, d.linear(finish.light, finish.base, finish.dark, angle=60))
        d.rect(0, 0, 384, 400, 16, stroke=finish.rim, stroke_width="1.6")
        d.rect(5, 5, 374, 390, 13, "#0b0d12")
        glass(d, screen, 16, 16, 352, 366, 6)
        d.circle(192, 10, 2.4, "#2c3344")


def _emblem(d: Drawing, cx: float, cy: float, finish: Finish) -> None:
    """A mark that belongs to nobody: three rising bars."""
    for step, height in enumerate((22, 38, 54)):
        d.rect(
            cx - 31 + step * 24,
            cy + 27 - height,
            14,
            height,
            5,
            d.linear(finish.rim, finish.dark),
            opacity=".75",
        )


def _keys(d: Drawing, at: Callable[[float, float], Point], finish: Finish) -> None:
    paint = (
        d.linear("#2c313d", "#171a22")
        if finish.code != "silver"
        else d.linear("#3b4150", "#20242e")
    )
    d.polygon(
        [at(0.07, 0.05), at(0.93, 0.05), at(0.93, 0.62), at(0.07, 0.62)], finish.dark, opacity=".28"
    )
    for row, widths in enumerate(_KEY_ROWS):
        top, bottom = 0.06 + row * 0.0925, 0.06 + row * 0.0925 + 0.079
        left, unit = 0.08, 0.84 / sum(widths)
        for width in widths:
            right = left + width * unit
            inner = right - 0.006
            d.polygon([at(left, top), at(inner, top), at(inner, bottom), at(left, bottom)], paint)
            left = right


def _deck(
    far: Point, far_width: float, near: Point, near_width: float
) -> Callable[[float, float], Point]:
    """Maps a point of the unit square to the deck as the eye sees it: width goes with 1/depth."""

    def at(u: float, v: float) -> Point:
        width = 1 / ((1 - v) / far_width + v / near_width)
        depth = (width - far_width) / (near_width - far_width)
        return far[0] + (u - 0.5) * width, far[1] + depth * (near[1] - far[1])

    return at
