"""Speakers: shelf, portable, smart, soundbar, kitchen radio."""

from __future__ import annotations

from tools.demo_pictures.drawing.finishes import Finish, Screen
from tools.demo_pictures.drawing.screens import digits
from tools.demo_pictures.drawing.svg import Drawing, box


def shelf_speaker(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(335, 590, 220, 28)
    d.polygon(
        [(450, 66), (528, 92), (528, 560), (450, 588)],
        d.linear(finish.base, finish.dark, "#120d0a", angle=0),
        stroke=finish.rim,
        stroke_width="1.2",
    )
    d.rect(
        142,
        60,
        312,
        530,
        16,
        d.linear(finish.light, finish.base, finish.dark, angle=60),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    for grain in range(9):
        y = 80 + grain * 58
        d.line(f"M150,{y}C220,{y + 16} 340,{y - 14} 446,{y + 10}", finish.dark, 1.2, opacity=".18")
    d.rect(160, 78, 276, 494, 10, d.linear("#2a2f3a", "#101319", angle=70))
    _driver(d, 298, 186, 62, screen)
    _driver(d, 298, 406, 122, screen)
    d.circle(298, 186, 17, d.radial("#f7d9a6", "#a9712d", at=(0.38, 0.32)))
    d.rect(268, 548, 60, 7, 3.5, finish.accent)


def portable_speaker(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 506, 270, 34)
    d.line("M508,300C600,250 620,420 520,440", finish.accent, 14)
    body = box(52, 208, 516, 280, 138)
    d.path(
        body,
        d.linear(finish.light, finish.base, finish.dark),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    with d.group(clip=body):
        for row in range(15):
            for column in range(27):
                x = 56 + column * 20 + (row % 2) * 10
                d.circle(x, 214 + row * 20, 4.2, finish.dark, opacity=".42")
        d.rect(52, 208, 516, 280, 0, d.linear("#ffffff/.38", "#ffffff/0@.4", "#05070d/.42"))
        d.rect(52, 208, 74, 280, 0, d.linear("#343a47", "#14171f", angle=80))
        d.rect(514, 208, 74, 280, 0, d.linear("#343a47", "#14171f", angle=80))
    d.ellipse(97, 348, 25, 92, d.radial("#6b7283", "#20242e@.6", "#0a0c11"))
    d.rect(206, 306, 228, 84, 42, d.linear(finish.light, finish.base), stroke=finish.rim)
    for step, height in enumerate((16, 28, 40)):
        d.rect(286 + step * 26, 368 - height, 15, height, 5, finish.dark)
    for step in range(3):
        d.rect(256 + step * 54, 217, 28, 9, 4.5, "#0d1016", opacity=".75")


def smart_speaker(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 560, 210, 32)
    body = (
        "M134,250C134,150 210,104 320,104C430,104 506,150 506,250V430C506,520 430,560 320,560"
        "C210,560 134,520 134,430Z"
    )
    d.path(
        body,
        d.linear(finish.light, finish.base, finish.dark, angle=20),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    with d.group(clip=body):
        for row in range(26):
            bend = 26 - row
            y = 190 + row * 15
            d.line(
                f"M130,{y - bend * 0.6}Q320,{y + 30} 510,{y - bend * 0.6}",
                finish.dark,
                3.4,
                opacity=".34",
                stroke_dasharray="5 6",
            )
        d.rect(
            134,
            104,
            372,
            456,
            0,
            d.linear("#05070d/.34", "#ffffff/.22@.3", "#05070d/0@.55", "#05070d/.44", angle=0),
        )
    ring = d.linear(screen.layers[0], screen.layers[1], screen.layers[2], angle=10)
    d.ellipse(320, 176, 172, 62, d.linear("#2b303c", "#0b0d12"))
    d.ellipse(320, 176, 158, 54, stroke=ring, stroke_width="8")
    d.ellipse(320, 176, 120, 38, d.linear("#3a4150", "#14171f"))
    for x in (-52, 0, 52):
        d.circle(320 + x, 176, 5, "#9aa3b5")


def soundbar(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(300, 500, 296, 24)
    d.floor(530, 476, 100, 20)
    d.rect(
        446,
        150,
        172,
        322,
        14,
        d.linear(finish.light, finish.base, finish.dark, angle=50),
        stroke=finish.rim,
        stroke_width="1.5",
    )
    _driver(d, 532, 266, 70, screen)
    d.rect(486, 392, 92, 30, 15, "#0a0c11", stroke="#3f4655")
    body = box(20, 386, 540, 108, 26)
    d.path(
        body,
        d.linear(finish.light, finish.base, finish.dark),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    with d.group(clip=box(30, 400, 520, 82, 18)):
        d.rect(30, 400, 520, 82, 0, d.linear("#2b303b", "#0e1117"))
        for row in range(8):
            for column in range(48):
                d.circle(
                    38 + column * 11 + (row % 2) * 5.5,
                    405 + row * 11,
                    2.2,
                    "#5b6375",
                    opacity=".55",
                )
        d.rect(30, 400, 520, 40, 0, d.linear("#ffffff/.14", "#ffffff/0"))
    d.rect(230, 436, 120, 8, 4, d.linear(screen.layers[0], screen.layers[1], angle=0))


def kitchen_radio(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 540, 260, 28)
    d.line("M480,160L590,58", d.linear("#f4f6fa", "#7f8696", angle=30), 7)
    d.circle(590, 58, 7, "#aeb5c3")
    handle = "M190,170C190,96 260,90 320,90C380,90 450,96 450,170"
    d.line(handle, finish.dark, 22)
    d.line(handle, finish.base, 15)
    d.rect(
        64,
        160,
        512,
        372,
        54,
        d.linear(finish.light, finish.base, finish.dark, angle=60),
        stroke=finish.rim,
        stroke_width="1.8",
    )
    d.rect(
        88,
        184,
        464,
        324,
        38,
        d.linear("#fffaf0", "#efe3cd"),
        stroke=finish.dark,
        stroke_opacity=".3",
    )
    with d.group(clip=box(106, 202, 240, 288, 26)):
        d.rect(106, 202, 240, 288, 0, d.linear("#4a3a2b", "#241a12"))
        for slat in range(17):
            d.rect(106, 208 + slat * 17, 240, 9, 4, d.linear("#d8b98a", "#9b7547"))
    d.rect(
        366, 206, 168, 96, 16, d.linear(*screen.sky, angle=60), stroke="#0b0d12", stroke_width="5"
    )
    digits(d, "10:09", 450, 232, 36)
    d.circle(450, 400, 76, d.linear(finish.light, finish.dark, angle=55), stroke=finish.rim)
    d.circle(450, 400, 60, d.radial("#ffffff", "#e1d6c3", "#b6a88f", at=(0.36, 0.3), radius=0.7))
    d.line("M450,352V374", finish.base, 7)
    for step in range(3):
        d.circle(402 + step * 48, 492, 7, finish.dark, opacity=".7")


def _driver(d: Drawing, cx: float, cy: float, r: float, screen: Screen) -> None:
    d.circle(cx, cy, r, d.linear("#8b93a4", "#2b303b", angle=60))
    d.circle(cx, cy, r * 0.93, "#0a0c11")
    d.circle(cx, cy, r * 0.84, d.radial("#0e1117", "#2a303c@.62", "#3d4453@.8", "#14171f"))
    for ring in (0.66, 0.56, 0.46):
        d.circle(cx, cy, r * ring, stroke="#ffffff", stroke_opacity=".07", stroke_width="2")
    d.circle(cx, cy, r * 0.34, d.radial("#7d869a", "#343b49@.5", "#12151c", at=(0.36, 0.3)))
    for x, y in ((-0.62, -0.62), (0.62, -0.62), (-0.62, 0.62), (0.62, 0.62)):
        d.circle(cx + x * r * 0.99, cy + y * r * 0.99, 4, "#aab1bf")
    d.circle(cx, cy, r * 0.885, stroke=screen.layers[1], stroke_opacity=".55", stroke_width="2.5")
