"""Mice and the trackball, seen from above."""

from __future__ import annotations

from tools.demo_pictures.drawing.finishes import Finish, Screen
from tools.demo_pictures.drawing.svg import Drawing

_BODY = (
    "M320,70C412,70 448,130 450,230C452,300 446,330 452,400C458,500 408,572 320,572"
    "C232,572 182,500 188,400C194,330 188,300 190,230C192,130 228,70 320,70Z"
)


def mouse(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(330, 560, 190, 40)
    with d.group(transform="rotate(14 320 320)"):
        d.path(_BODY, finish.dark, transform="translate(4 12)")
        d.path(
            _BODY,
            d.linear(finish.light, finish.base, finish.dark, angle=50),
            stroke=finish.rim,
            stroke_width="1.6",
        )
        with d.group(clip=_BODY):
            d.ellipse(262, 210, 90, 160, d.radial("#ffffff/.55", "#ffffff/0"))
            d.ellipse(320, 610, 200, 120, d.radial("#05070d/.35", "#05070d/0"))
            d.path("M180,250C196,300 200,360 186,430L170,430V250Z", finish.dark, opacity=".8")
        d.line("M320,72V292", finish.dark, 4)
        d.line("M323,72V292", "#ffffff", 1.4, opacity=".35")
        d.line("M190,262C240,310 400,310 450,262", finish.dark, 3, opacity=".8")
        _wheel(d, finish, 320, 176)
        d.rect(184, 262, 15, 58, 7, d.linear(finish.light, finish.dark, angle=0))
        d.rect(185, 330, 15, 58, 7, d.linear(finish.light, finish.dark, angle=0))
        d.rect(304, 262, 32, 9, 4.5, screen.layers[0])


def mouse_glow(d: Drawing, finish: Finish, screen: Screen) -> None:
    light = d.linear(screen.layers[0], screen.layers[1], screen.layers[2], angle=80)
    d.floor(330, 560, 190, 40)
    body = (
        "M320,66L384,82C432,110 446,170 442,236C440,300 458,350 456,420C452,510 402,574 320,"
        "574C238,574 188,510 184,420C182,350 200,300 198,236C194,170 208,110 256,82Z"
    )
    with d.group(transform="rotate(14 320 320)"):
        d.path(
            body,
            light,
            opacity=".35",
            transform="translate(320 330) scale(1.06) translate(-320 -320)",
        )
        d.path(
            body,
            d.linear(finish.light, finish.base, finish.dark, angle=50),
            stroke=finish.rim,
            stroke_width="1.6",
        )
        with d.group(clip=body):
            d.ellipse(258, 200, 90, 150, d.radial("#ffffff/.35", "#ffffff/0"))
            for row in range(7):
                for column in range(6 - row % 2):
                    x = 236 + column * 34 + (row % 2) * 17
                    d.polygon(_hexagon(x, 356 + row * 29, 15), "#0b0d12", opacity=".75")
        d.line("M256,84C272,160 276,230 262,318M384,84C368,160 364,230 378,318", finish.dark, 4)
        d.line("M188,440C200,540 440,540 452,440", light, 7)
        d.path("M288,72H352L346,300H294Z", "#0b0d12", opacity=".55")
        _wheel(d, finish, 320, 160)
        d.rect(309, 238, 22, 34, 8, light)


def trackball(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 560, 240, 40)
    body = (
        "M250,92C340,62 452,96 500,190C540,270 560,420 500,510C456,572 330,584 240,556"
        "C150,528 84,440 84,330C84,210 150,124 250,92Z"
    )
    d.path(body, finish.dark, transform="translate(2 12)")
    d.path(
        body,
        d.linear(finish.light, finish.base, finish.dark, angle=50),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    with d.group(clip=body):
        d.ellipse(390, 240, 130, 170, d.radial("#ffffff/.45", "#ffffff/0"))
        d.ellipse(330, 620, 280, 130, d.radial("#05070d/.35", "#05070d/0"))
    d.line("M292,84C330,170 340,250 330,330", finish.dark, 4)
    d.line("M452,128C440,210 436,280 470,366C500,380 520,380 536,366", finish.dark, 3, opacity=".7")
    _wheel(d, finish, 388, 182)
    d.circle(196, 338, 96, d.linear(finish.dark, finish.light, angle=60))
    d.circle(196, 338, 84, "#0a0c11")
    ball = screen.layers[1]
    d.circle(
        196,
        338,
        76,
        d.radial("#ffffff", ball + "@.28", ball + "@.6", "#14060f", at=(0.36, 0.3), radius=0.78),
    )
    d.ellipse(172, 306, 22, 14, "#ffffff", opacity=".55")


def _wheel(d: Drawing, finish: Finish, cx: float, cy: float) -> None:
    d.rect(cx - 19, cy - 46, 38, 92, 19, "#0a0c11", opacity=".85")
    d.rect(
        cx - 12,
        cy - 38,
        24,
        76,
        11,
        d.linear("#15181f", "#7c8496", "#d5dae4", "#6b7283", "#12151b"),
    )
    for ridge in range(9):
        d.rect(cx - 11, cy - 34 + ridge * 8, 22, 2.4, 1, "#0a0c11", opacity=".6")


def _hexagon(cx: float, cy: float, r: float) -> list[tuple[float, float]]:
    corners = ((0, -1), (0.866, -0.5), (0.866, 0.5), (0, 1), (-0.866, 0.5), (-0.866, -0.5))
    return [(cx + x * r, cy + y * r) for x, y in corners]
