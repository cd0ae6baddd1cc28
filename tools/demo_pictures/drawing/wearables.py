"""Watches, band and ring."""

from __future__ import annotations

import math

from tools.demo_pictures.drawing.finishes import Finish, Screen
from tools.demo_pictures.drawing.screens import digits, wallpaper
from tools.demo_pictures.drawing.svg import Drawing, box


def watch_round(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 614, 120, 16)
    _strap(d, finish, 112, 96)
    d.rect(500, 296, 24, 48, 9, d.linear("#f4f6fa", "#7f8696", "#c8cdd8"), stroke="#6b7283")
    d.circle(320, 320, 190, d.linear("#fdfdfe", "#9aa2b2", "#e8ebf1", "#6b7283", angle=50))
    d.circle(320, 320, 178, d.linear("#3b4150", "#0a0c11", angle=60))
    d.circle(320, 320, 166, "#07080c")
    wallpaper(
        d, screen, 160, 160, 320, 320, "M320,166A154,154 0 0 1 320,474A154,154 0 0 1 320,166Z"
    )
    d.circle(320, 320, 154, d.radial("#05070d/.1", "#05070d/.2@.6", "#05070d/.62"))
    for mark in range(60):
        _mark(d, mark)
    _gauge(d, 252, 372, screen.layers[0], 0.7)
    _gauge(d, 388, 372, screen.layers[1], 0.45)
    _hand(d, 305, 84, 11)
    _hand(d, 54, 122, 8)
    _hand(d, 216, 130, 3, screen.layers[0])
    d.circle(320, 320, 10, screen.layers[0])
    d.circle(320, 320, 4, "#0a0c11")


def watch_square(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 614, 120, 16)
    _strap(d, finish, 104, 92)
    d.rect(482, 258, 22, 56, 10, d.linear("#f4f6fa", "#7f8696", "#c8cdd8"), stroke="#6b7283")
    d.rect(
        152,
        124,
        336,
        392,
        92,
        d.linear(finish.light, finish.base, finish.dark, angle=50),
        stroke=finish.rim,
        stroke_width="1.8",
    )
    d.rect(164, 136, 312, 368, 82, "#07080c")
    wallpaper(d, screen, 176, 148, 288, 344, box(176, 148, 288, 344, 70))
    d.rect(176, 148, 288, 344, 70, "#05070d", opacity=".34")
    digits(d, "10:09", 320, 188, 62)
    for ring, colour in enumerate(screen.layers):
        radius = 80 - ring * 24
        length = 2 * math.pi * radius
        done = (0.82, 0.66, 0.48)[ring]
        d.circle(320, 376, radius, stroke="#ffffff", stroke_opacity=".2", stroke_width="18")
        d.circle(
            320,
            376,
            radius,
            stroke=colour,
            stroke_width="18",
            stroke_linecap="round",
            stroke_dasharray=f"{length * done:.0f} {length:.0f}",
            transform="rotate(-90 320 376)",
        )


def band(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 614, 100, 16)
    strap = (
        "M252,30Q252,18 266,18H374Q388,18 388,30L398,300L388,610Q388,622 374,622H266"
        "Q252,622 252,610L242,300Z"
    )
    d.path(
        strap,
        d.linear(finish.dark, finish.base, finish.light, finish.base, finish.dark, angle=0),
        stroke=finish.rim,
        stroke_width="1.4",
    )
    for hole in range(5):
        d.rect(308, 506 + hole * 21, 24, 9, 4.5, "#05070d", opacity=".4")
    d.rect(222, 142, 196, 348, 88, d.linear("#fdfdfe", "#8d95a6", "#d9dde5", "#6b7283", angle=40))
    d.rect(230, 150, 180, 332, 80, "#07080c")
    wallpaper(d, screen, 240, 160, 160, 312, box(240, 160, 160, 312, 70))
    d.rect(240, 160, 160, 312, 70, "#05070d", opacity=".25")
    digits(d, "10", 320, 206, 54)
    digits(d, "09", 320, 280, 54)
    d.path(
        "M320,428C290,406 282,392 284,380C287,366 308,362 320,380C332,362 353,366 356,380"
        "C358,392 350,406 320,428Z",
        screen.layers[0],
    )
    d.rect(280, 440, 80, 6, 3, "#ffffff", opacity=".75")


def ring(d: Drawing, finish: Finish, screen: Screen) -> None:
    """Two hoops, the further one shaded; what both leave open shows the ground."""
    d.floor(330, 562, 200, 28)
    with d.group(transform="rotate(-16 320 320)"):
        d.path(
            _hoop(368, 214, 228, 180, 192),
            fill_rule="evenodd",
            fill=d.linear(finish.dark, "#20242e", "#0a0c11", finish.dark, angle=20),
            stroke=finish.rim,
            stroke_width="1.4",
        )
        d.path(
            "M296,92H368A214,228 0 0 1 368,548H296A214,228 0 0 0 296,92Z",
            d.linear(finish.base, finish.light, finish.base, finish.dark, finish.base, angle=80),
            fill_rule="evenodd",
        )
        for y in (258, 320, 382):
            d.ellipse(204, y, 26, 30, d.radial("#5fe0a0/.55", "#5fe0a0/0"))
            d.ellipse(200, y, 7, 15, screen.layers[0] if y == 320 else "#5fe0a0")
        d.path(
            _hoop(296, 214, 228, 186, 200),
            fill_rule="evenodd",
            fill=d.linear(finish.light, finish.base, finish.dark, finish.base, angle=50),
            stroke=finish.rim,
            stroke_width="1.6",
        )
        d.line("M108,236C142,150 210,108 300,106", "#ffffff", 7, opacity=".7")


def _hoop(cx: float, rx: float, ry: float, inner_rx: float, inner_ry: float) -> str:
    """Path data of an elliptic ring around (cx, 320); fill it by the even-odd rule."""
    return "".join(
        f"M{cx - x},320A{x},{y} 0 1 1 {cx + x},320A{x},{y} 0 1 1 {cx - x},320Z"
        for x, y in ((rx, ry), (inner_rx, inner_ry))
    )


def _strap(d: Drawing, finish: Finish, half: float, end: float) -> None:
    paint = d.linear(finish.dark, finish.base, finish.light, finish.base, finish.dark, angle=0)
    for y, tip, step in ((200, 18, -1), (440, 622, 1)):
        d.path(
            f"M{320 - half},{y}L{320 - end},{tip - step * 18}Q{320 - end},{tip} "
            f"{320 - end + 20},{tip}H{320 + end - 20}Q{320 + end},{tip} {320 + end},"
            f"{tip - step * 18}L{320 + half},{y}Z",
            paint,
            stroke=finish.rim,
            stroke_width="1.4",
        )
    for hole in range(3):
        d.rect(306, 540 + hole * 24, 28, 10, 5, "#05070d", opacity=".38")
    d.rect(320 - end + 6, 52, 2 * end - 12, 14, 7, finish.dark, opacity=".5")


def _mark(d: Drawing, mark: int) -> None:
    angle = math.radians(mark * 6)
    inner, width = (130, 3.4) if mark % 5 == 0 else (140, 1.2)
    x, y = math.sin(angle), -math.cos(angle)
    d.line(
        f"M{320 + x * inner:.1f},{320 + y * inner:.1f}L{320 + x * 147:.1f},{320 + y * 147:.1f}",
        "#ffffff",
        width,
        opacity=".9" if mark % 5 == 0 else ".5",
    )


def _gauge(d: Drawing, cx: float, cy: float, colour: str, share: float) -> None:
    length = 2 * math.pi * 27
    d.circle(cx, cy, 27, "#05070d", opacity=".45")
    d.circle(cx, cy, 27, stroke="#ffffff", stroke_opacity=".2", stroke_width="6")
    d.circle(
        cx,
        cy,
        27,
        stroke=colour,
        stroke_width="6",
        stroke_linecap="round",
        stroke_dasharray=f"{length * share:.0f} {length:.0f}",
        transform=f"rotate(-90 {cx} {cy})",
    )


def _hand(d: Drawing, degrees: int, length: float, width: float, colour: str = "#ffffff") -> None:
    angle = math.radians(degrees)
    x, y = 320 + math.sin(angle) * length, 320 - math.cos(angle) * length
    d.line(f"M320,320L{x:.1f},{y:.1f}", colour, width)
