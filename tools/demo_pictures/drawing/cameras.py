"""Cameras for the hand, the helmet, the desk; and a lens."""

from __future__ import annotations

from tools.demo_pictures.drawing.finishes import Finish, Screen
from tools.demo_pictures.drawing.svg import Drawing, box


def camera(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 546, 270, 30)
    top = (
        "M60,236Q60,212 84,212H198L232,158Q240,146 256,146H384Q400,146 408,158L442,212H556"
        "Q580,212 580,236V300H60Z"
    )
    d.path(
        top,
        d.linear(finish.light, finish.base, finish.dark, angle=70),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    d.rect(88, 180, 76, 36, 8, d.linear("#343a47", "#0d1016"), stroke=finish.rim)
    d.rect(470, 184, 64, 32, 8, d.linear("#343a47", "#0d1016"), stroke=finish.rim)
    d.rect(478, 176, 48, 12, 6, d.linear(finish.accent, finish.accent + "/.8"))
    for ridge in range(8):
        d.rect(92 + ridge * 9, 184, 3, 28, 1, "#79829a", opacity=".5")
    d.rect(
        52,
        268,
        536,
        268,
        30,
        d.linear("#3a404d", "#1a1d25", "#0d0f14", angle=70),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    for row in range(15):
        for column in range(30):
            d.circle(
                66 + column * 17.5 + (row % 2) * 8.7, 282 + row * 17, 2.2, "#5d6577", opacity=".26"
            )
    d.path(
        "M52,298Q52,268 82,268H150Q168,268 168,290V514Q168,536 150,536H82Q52,536 52,506Z",
        d.linear("#4a5160", "#14171f", angle=10),
        opacity=".85",
    )
    d.rect(282, 166, 76, 30, 6, "#0a0c11", opacity=".55")
    d.circle(540, 300, 11, d.radial("#ffdf9a", "#c97b2a"))
    _glass(d, 330, 376, 154, finish, screen)


def lens(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 580, 210, 28)
    paint = ("#0d0f14", "#4a5160", "#262b35", "#0a0c11")
    d.path(
        "M190,420H450L436,560Q434,574 420,574H220Q206,574 204,560Z",
        d.linear("#6b7283", "#f4f6fa", "#aab1bf", "#596173", angle=0),
        stroke="#6b7283",
    )
    d.rect(156, 250, 328, 190, 18, d.linear(*paint, angle=0), stroke=finish.rim, stroke_width="1.4")
    for rib in range(27):
        d.rect(166 + rib * 11.6, 266, 5.5, 74, 2, "#000000", opacity=".55")
        d.rect(171 + rib * 11.6, 266, 1.6, 74, 0, "#8b92a3", opacity=".35")
    d.rect(
        156, 356, 328, 9, 0, d.linear(finish.dark, finish.light, finish.base, finish.dark, angle=0)
    )
    for mark, width in enumerate((22, 14, 30, 14, 22)):
        d.rect(214 + mark * 46, 388, width, 7, 3, "#e6e9f0", opacity=".85")
    d.rect(308, 408, 22, 8, 4, finish.accent)
    d.path(
        "M132,150Q132,132 150,132H490Q508,132 508,150L490,256H150Z",
        d.linear(*paint, angle=0),
        stroke=finish.rim,
        stroke_width="1.4",
    )
    d.ellipse(320, 142, 186, 72, d.linear("#596173", "#15181f"), stroke=finish.rim)
    d.ellipse(320, 146, 164, 60, "#07080c")
    coat = d.radial(screen.layers[0], screen.layers[1] + "@.45", "#0a0c16", at=(0.4, 0.4))
    d.ellipse(320, 150, 146, 50, coat, opacity=".85")
    d.ellipse(270, 136, 54, 14, "#ffffff", opacity=".45")


def action_camera(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 556, 220, 30)
    d.rect(270, 500, 100, 56, 10, d.linear("#343a47", "#14171f"), stroke=finish.rim)
    d.rect(292, 520, 14, 36, 4, "#05070d", opacity=".7")
    d.rect(334, 520, 14, 36, 4, "#05070d", opacity=".7")
    d.rect(
        84,
        150,
        472,
        362,
        56,
        d.linear("#4a5160", "#262b35", "#101319", angle=60),
        stroke="#8b92a3",
        stroke_width="1.8",
    )
    d.rect(430, 130, 80, 26, 10, finish.base, stroke=finish.rim)
    d.rect(108, 174, 424, 314, 40, d.linear(finish.light, finish.base, finish.dark, angle=55))
    d.rect(124, 206, 176, 176, 26, "#07080c", stroke="#596173", stroke_width="3")
    with d.group(clip=box(134, 216, 156, 156, 20)):
        d.rect(134, 216, 156, 156, 0, d.linear(*screen.sky))
        d.ellipse(180, 380, 110, 70, screen.layers[0])
        d.ellipse(270, 390, 80, 60, screen.layers[1])
    for step, height in enumerate((16, 28, 40)):
        d.rect(142 + step * 22, 450 - height, 13, height, 4, finish.accent)
    d.rect(318, 200, 196, 196, 44, d.linear("#343a47", "#0a0c11"), stroke=finish.rim)
    _glass(d, 416, 298, 84, finish, screen)
    d.circle(496, 452, 7, "#ff4d4d")


def pocket_camera(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 556, 250, 28)
    d.rect(430, 138, 76, 34, 10, d.linear("#f4f6fa", "#9aa2b2"), stroke="#6b7283")
    d.rect(150, 146, 60, 24, 8, finish.dark)
    d.rect(
        66,
        164,
        508,
        384,
        74,
        d.linear(finish.light, finish.base, finish.dark, angle=60),
        stroke=finish.rim,
        stroke_width="1.8",
    )
    d.path("M84,238Q84,182 140,182H500Q556,182 556,238V262H84Z", "#ffffff", opacity=".20")
    d.rect(66, 452, 508, 12, 0, finish.dark, opacity=".35")
    d.rect(110, 496, 420, 20, 10, "#0a0c11", opacity=".75")
    d.rect(
        112,
        200,
        92,
        54,
        16,
        d.linear("#fffdf2", "#ffe9ad"),
        stroke=finish.dark,
        stroke_opacity=".5",
    )
    d.circle(510, 226, 22, "#0a0c11")
    d.circle(510, 226, 14, d.radial("#4a63c9", "#0a0c14", at=(0.4, 0.35)))
    _glass(d, 320, 336, 132, finish, screen)
    d.rect(500, 330, 34, 84, 17, finish.dark, opacity=".3")
    d.circle(517, 352, 8, finish.accent)


def webcam(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 570, 200, 26)
    d.path(
        "M262,360H378L402,520H238Z",
        d.linear(finish.dark, finish.base, finish.dark, angle=0),
        stroke=finish.rim,
    )
    d.rect(
        176,
        506,
        288,
        58,
        20,
        d.linear(finish.light, finish.base, finish.dark),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    d.rect(
        76,
        150,
        488,
        236,
        112,
        d.linear(finish.light, finish.base, finish.dark, angle=60),
        stroke=finish.rim,
        stroke_width="1.8",
    )
    d.rect(94, 168, 452, 200, 96, d.linear("#262b35", "#0a0c11", angle=60))
    _glass(d, 320, 268, 94, finish, screen)
    for x in (150, 490):
        for hole in range(3):
            d.rect(x - 4, 244 + hole * 18, 30 if x < 300 else 8, 7, 3.5, "#6b7283", opacity=".8")
    d.circle(450, 268, 7, "#5fe0a0")
    d.circle(450, 268, 16, d.radial("#5fe0a0/.5", "#5fe0a0/0"))


def _glass(d: Drawing, cx: float, cy: float, r: float, finish: Finish, screen: Screen) -> None:
    """A lens seen from the front: barrel, accent ring, coated glass, two reflections."""
    d.circle(cx, cy + r * 0.06, r * 1.03, "#05070d", opacity=".45")
    d.circle(cx, cy, r, d.linear("#8b92a3", "#2b303b", "#0d0f14", angle=55))
    d.circle(cx, cy, r * 0.94, d.linear("#14171f", "#3a404d", angle=55))
    d.circle(cx, cy, r * 0.83, stroke=finish.accent, stroke_width=f"{r * 0.03:.1f}")
    d.circle(cx, cy, r * 0.78, "#0a0c11")
    d.circle(cx, cy, r * 0.66, d.linear("#2b303b", "#0a0c11", angle=235))
    d.circle(
        cx,
        cy,
        r * 0.56,
        d.radial(screen.layers[1], screen.sky[0] + "@.55", "#05060a", at=(0.42, 0.4), radius=0.6),
    )
    d.circle(cx, cy, r * 0.3, d.radial("#05060a", "#05060a/.75@.7", "#05060a/0"))
    d.ellipse(
        cx - r * 0.2,
        cy - r * 0.26,
        r * 0.2,
        r * 0.11,
        "#ffffff",
        opacity=".75",
        transform=f"rotate(-38 {cx - r * 0.2:.1f} {cy - r * 0.26:.1f})",
    )
    d.circle(cx + r * 0.22, cy + r * 0.24, r * 0.07, screen.layers[0], opacity=".85")
