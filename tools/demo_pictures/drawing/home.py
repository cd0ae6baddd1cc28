"""Network boxes and things that make a home clever."""

from __future__ import annotations

import math

from tools.demo_pictures.drawing.finishes import Finish, Screen
from tools.demo_pictures.drawing.screens import digits
from tools.demo_pictures.drawing.svg import Drawing


def router(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 538, 290, 30)
    for x, lean in ((110, -9), (238, -3), (402, 3), (530, 9)):
        with d.group(transform=f"rotate({lean} {x} 420)"):
            d.rect(
                x - 15,
                96,
                30,
                330,
                13,
                d.linear(finish.light, finish.base, finish.dark, angle=0),
                stroke=finish.rim,
            )
            d.rect(x - 15, 380, 30, 10, 0, finish.dark, opacity=".6")
    d.path(
        "M84,390H556L608,486H32Z",
        d.linear(finish.light, finish.base, angle=70),
        stroke=finish.rim,
        stroke_width="1.5",
    )
    for slot in range(11):
        d.path(
            f"M{196 + slot * 25 - (5 - slot) * 1.5},404L{190 + slot * 25 - (5 - slot) * 5},468",
            stroke=finish.dark,
            stroke_width="7",
            stroke_opacity=".5",
            stroke_linecap="round",
        )
    d.path(
        "M32,486H608V510Q608,534 584,534H56Q32,534 32,510Z",
        d.linear("#262b35", "#0d0f14"),
        stroke=finish.rim,
        stroke_width="1.5",
    )
    for light in range(6):
        colour = screen.layers[0] if light == 4 else "#5fe0a0"
        d.rect(230 + light * 32, 507, 17, 6, 3, colour)
    d.rect(60, 506, 60, 8, 4, finish.accent, opacity=".9")


def mesh_node(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(220, 580, 150, 22)
    d.floor(474, 580, 110, 18)
    for x, y, w, h in ((388, 262, 172, 318), (96, 84, 248, 496)):
        d.rect(
            x,
            y,
            w,
            h,
            w * 0.42,
            d.linear(finish.light, finish.base, finish.dark, angle=25),
            stroke=finish.rim,
            stroke_width="1.8",
        )
        d.rect(
            x + w * 0.12,
            y + h * 0.06,
            w * 0.17,
            h * 0.76,
            w * 0.08,
            d.linear("#ffffff/.65", "#ffffff/.05"),
        )
        for slat in range(7):
            d.rect(
                x + w * 0.30, y + h * 0.90 - slat * 12, w * 0.4, 5, 2.5, finish.dark, opacity=".42"
            )
        d.rect(x + w * 0.42, y + h * 0.33, w * 0.16, 8, 4, screen.layers[0])
        d.ellipse(
            x + w * 0.5,
            y + h * 0.33 + 4,
            w * 0.24,
            24,
            d.radial(screen.layers[0] + "/.45", screen.layers[0] + "/0"),
        )


def bulb(d: Drawing, finish: Finish, screen: Screen) -> None:
    colour, second = screen.layers[0], screen.layers[1]
    glass = (
        "M320,70C430,70 504,150 504,250C504,322 462,356 432,404C420,424 416,440 414,456H226"
        "C224,440 220,424 208,404C178,356 136,322 136,250C136,150 210,70 320,70Z"
    )
    d.path(
        glass,
        d.radial("#ffffff", colour + "@.45", second, at=(0.46, 0.40), radius=0.62),
        stroke=finish.rim,
        stroke_opacity=".7",
        stroke_width="1.8",
    )
    d.path(
        "M190,250C190,180 230,130 290,116",
        stroke="#ffffff",
        stroke_width="15",
        stroke_opacity=".75",
        stroke_linecap="round",
    )
    d.path(
        "M222,452H418L408,508Q406,516 398,516H242Q234,516 232,508Z",
        d.linear("#fafbfd", "#d9dde5", "#9aa2b2", angle=10),
        stroke="#8d95a6",
    )
    for turn in range(4):
        d.rect(
            254 + turn * 3,
            516 + turn * 17,
            132 - turn * 6,
            15,
            7,
            d.linear("#6b7283", "#f4f6fa", "#aab1bf", "#596173", angle=0),
            stroke="#6b7283",
        )
    d.path("M284,584H356L342,606H298Z", d.linear("#343a47", "#0d0f14"))


def plug(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 566, 200, 28)
    d.rect(118, 118, 404, 428, 130, finish.dark, transform="translate(0 12)")
    d.rect(
        118,
        118,
        404,
        428,
        130,
        d.linear(finish.light, finish.base, finish.dark, angle=60),
        stroke=finish.rim,
        stroke_width="1.8",
    )
    d.path(
        "M150,250Q150,150 250,146",
        stroke="#ffffff",
        stroke_width="10",
        stroke_opacity=".7",
        stroke_linecap="round",
    )
    d.circle(320, 320, 150, d.linear(finish.dark, finish.light, angle=60))
    d.circle(320, 320, 140, d.linear(finish.base, finish.dark + "/.8", angle=60))
    d.circle(320, 320, 140, "#05070d", opacity=".18")
    for x in (250, 390):
        d.circle(x, 320, 23, d.linear("#05070d", "#2b303b"))
    for y in (184, 440):
        d.rect(296, y, 48, 15, 4, d.linear("#ffe7a3", "#b9822b"))
    light = screen.layers[0]
    d.circle(320, 320, 160, stroke=light, stroke_width="5", stroke_opacity=".95")
    d.rect(296, 500, 48, 15, 7.5, light)
    d.ellipse(320, 507, 56, 28, d.radial(light + "/.5", light + "/0"))


def thermostat(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 580, 210, 28)
    d.circle(320, 326, 240, finish.dark, transform="translate(0 10)")
    d.circle(
        320,
        320,
        240,
        d.linear(finish.light, finish.base, finish.dark, finish.base, angle=55),
        stroke=finish.rim,
        stroke_width="1.8",
    )
    d.circle(320, 320, 204, d.linear("#262b35", "#07080c", angle=60))
    for tick in range(41):
        angle = math.radians(-135 + tick * 6.75)
        lit = 8 <= tick <= 25
        x, y = math.sin(angle), -math.cos(angle)
        d.line(
            f"M{320 + x * 158:.1f},{320 + y * 158:.1f}L{320 + x * 186:.1f},{320 + y * 186:.1f}",
            screen.layers[0] if lit else "#596173",
            5 if lit else 3,
        )
    digits(d, "21", 320, 266, 104)
    d.circle(392, 274, 8, stroke="#ffffff", stroke_width="4")
    d.rect(270, 402, 100, 9, 4.5, screen.layers[0])
    d.path(
        "M170,190A204,204 0 0 1 400,134",
        stroke="#ffffff",
        stroke_width="5",
        stroke_opacity=".22",
        stroke_linecap="round",
    )


def guard_camera(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 584, 170, 24)
    d.path("M292,400H348L358,546H282Z", d.linear(finish.dark, finish.light, finish.dark, angle=0))
    d.ellipse(
        320,
        556,
        132,
        28,
        d.linear(finish.light, finish.base, finish.dark),
        stroke=finish.rim,
        stroke_width="1.5",
    )
    d.circle(
        320,
        266,
        196,
        d.linear(finish.light, finish.base, finish.dark, angle=50),
        stroke=finish.rim,
        stroke_width="1.8",
    )
    d.ellipse(258, 152, 70, 34, "#ffffff", opacity=".45", transform="rotate(-26 258 152)")
    d.circle(320, 272, 142, d.linear("#343a47", "#0a0c11", angle=60))
    d.circle(320, 272, 132, "#07080c")
    for light in range(8):
        angle = math.radians(light * 45 + 22)
        d.circle(
            320 + math.cos(angle) * 106,
            272 + math.sin(angle) * 106,
            8,
            d.radial("#8b2740", "#2a0d16"),
        )
    d.circle(320, 272, 74, d.linear("#596173", "#14171f", angle=55))
    d.circle(
        320, 272, 62, d.radial(screen.layers[1], screen.sky[0] + "@.5", "#05060a", at=(0.42, 0.38))
    )
    d.ellipse(300, 250, 17, 10, "#ffffff", opacity=".8", transform="rotate(-34 300 250)")
    d.circle(320, 440, 6, "#5fe0a0")


def doorbell(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 606, 130, 18)
    d.rect(206, 48, 236, 552, 76, finish.dark, transform="translate(6 6)")
    d.rect(
        202,
        44,
        236,
        552,
        76,
        d.linear(finish.light, finish.base, finish.dark, angle=40),
        stroke=finish.rim,
        stroke_width="1.8",
    )
    d.rect(218, 60, 204, 268, 62, d.linear("#2b303b", "#07080c", angle=60))
    d.circle(320, 166, 72, d.linear("#6b7283", "#14171f", angle=55))
    d.circle(
        320, 166, 60, d.radial(screen.layers[1], screen.sky[0] + "@.5", "#05060a", at=(0.42, 0.38))
    )
    d.ellipse(300, 146, 16, 9, "#ffffff", opacity=".8", transform="rotate(-34 300 146)")
    for hole in range(5):
        d.circle(280 + hole * 20, 288, 4.5, "#6b7283")
    glow = d.linear(screen.layers[0], screen.layers[1], screen.layers[0], angle=20)
    d.circle(320, 452, 78, stroke=glow, stroke_width="9")
    d.circle(
        320, 452, 66, d.linear(finish.light, finish.base, finish.dark, angle=235), stroke=finish.rim
    )
    d.path("M300,462V444C300,416 340,416 340,444V462L348,472H292Z", finish.dark, opacity=".75")
    d.ellipse(320, 479, 9, 6, finish.dark, opacity=".75")


def hub(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 540, 270, 36)
    d.path(
        "M52,392C52,318 170,262 320,262C470,262 588,318 588,392V440C588,500 470,540 320,540"
        "C170,540 52,500 52,440Z",
        d.linear(finish.dark, finish.base, finish.dark, angle=0),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    d.ellipse(
        320,
        392,
        266,
        128,
        d.linear(finish.light, finish.base, angle=50),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    glow = d.linear(screen.layers[0], screen.layers[1], screen.layers[2], angle=10)
    d.ellipse(320, 388, 150, 70, stroke=glow, stroke_width="9")
    d.ellipse(320, 388, 170, 84, stroke=glow, stroke_width="16", stroke_opacity=".18")
    d.path("M320,346L368,382H352V420H288V382H272Z", finish.dark, opacity=".7")
    d.ellipse(200, 336, 80, 26, "#ffffff", opacity=".35", transform="rotate(-16 200 336)")
    d.path(
        "M92,470C150,510 240,526 320,526",
        stroke="#ffffff",
        stroke_width="3",
        stroke_opacity=".25",
        stroke_linecap="round",
    )
