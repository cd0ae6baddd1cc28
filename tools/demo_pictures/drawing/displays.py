"""Monitors, tablets and the folding phone: shapes that are mostly screen."""

from __future__ import annotations

from tools.demo_pictures.drawing.finishes import Finish, Screen
from tools.demo_pictures.drawing.screens import glass, wallpaper
from tools.demo_pictures.drawing.svg import Drawing, box


def monitor(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 556, 190, 24)
    _stand(d, finish, 404)
    d.rect(40, 84, 560, 340, 14, d.linear(finish.light, finish.base, finish.dark, angle=70))
    d.rect(40, 84, 560, 340, 14, stroke=finish.rim, stroke_width="1.5")
    d.rect(44, 88, 552, 320, 11, "#0b0d12")
    glass(d, screen, 51, 95, 538, 303, 5)
    d.rect(304, 413, 32, 4, 2, finish.dark, opacity=".6")
    d.circle(572, 415, 2.6, "#5fe0a0")


def monitor_back(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 556, 190, 24)
    d.rect(40, 84, 560, 340, 16, d.linear(finish.light, finish.base, finish.dark, angle=55))
    d.rect(40, 84, 560, 340, 16, stroke=finish.rim, stroke_width="1.5")
    d.path(
        "M150,150H490Q506,150 506,166V404Q506,424 486,424H154Q134,424 134,404V166Q134,150 150,150Z",
        d.linear(finish.light, finish.dark, angle=60),
        opacity=".55",
    )
    for row in range(6):
        d.rect(230, 172 + row * 9, 180, 4, 2, finish.dark, opacity=".55")
    glow = d.linear(screen.layers[0], screen.layers[1], screen.layers[2], angle=0)
    d.circle(320, 310, 66, d.linear(finish.base, finish.dark), stroke=glow, stroke_width="6")
    _stand(d, finish, 290)


def ultrawide(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 540, 220, 24)
    d.path("M296,380H344L356,500H284Z", d.linear(finish.dark, finish.base, finish.dark, angle=0))
    d.path(
        "M150,536L300,494H340L490,536Q320,520 150,536Z",
        d.linear(finish.light, finish.base, finish.dark),
        stroke=finish.rim,
    )
    body = (
        "M26,148Q320,184 614,148Q620,148 620,156V398Q620,406 612,405Q320,368 28,405Q20,406 "
        "20,398V156Q20,148 26,148Z"
    )
    d.path(
        body,
        d.linear(finish.base, finish.light, finish.base, angle=0),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    d.path(
        "M28,152Q320,188 612,152Q616,152 616,158V396Q616,401 610,400Q320,364 30,400Q24,401 "
        "24,396V158Q24,152 28,152Z",
        "#0b0d12",
    )
    inner = "M32,160Q320,194 608,160V390Q320,354 32,390Z"
    wallpaper(d, screen, 32, 158, 576, 234, inner)
    d.path(inner, d.linear("#04060c/.38", "#04060c/0@.3", "#04060c/0@.7", "#04060c/.38", angle=0))


def tablet(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(310, 540, 270, 24)
    with d.group(transform="rotate(-4 320 320)"):
        _slate(d, finish, 44, 124, 520, 372)
        glass(d, screen, 64, 144, 480, 332, 12)
        d.rect(262, 464, 92, 4, 2, "#ffffff", opacity=".75")
        d.circle(304, 134, 2.6, "#2c3344")
        _icons(d, screen, 216, 424)
    with d.group(transform="rotate(14 590 330)"):
        d.rect(
            578,
            150,
            17,
            330,
            8,
            d.linear("#ffffff", "#e6e9f0", "#a9b0bf", angle=0),
            stroke="#8d95a6",
        )
        d.path("M578.5,474L586.5,516L594.500,474Z", d.linear("#f4f5f8", "#9aa2b2", angle=0))
        d.rect(578, 190, 17, 5, 0, finish.accent)


def tablet_back(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(330, 576, 200, 24)
    with d.group(transform="rotate(7 300 320)"):
        d.rect(120, 64, 350, 500, 30, d.linear(finish.light, finish.base, finish.dark, angle=55))
        d.rect(120, 64, 350, 500, 30, stroke=finish.rim, stroke_width="1.6")
        d.path("M121,430L330,65H440L150,562Z", d.linear("#ffffff/.25", "#ffffff/0", angle=50))
        d.circle(164, 108, 21, d.linear(finish.dark, "#101319"))
        d.circle(164, 108, 13, d.radial("#4a5fa8", "#0b0d14", at=(0.4, 0.35)))
        d.circle(200, 108, 5, "#fff4d6")
        d.rect(274, 300, 42, 8, 4, finish.dark, opacity=".55")
        d.rect(466, 150, 6, 60, 3, finish.dark)
    with d.group(transform="rotate(-7 420 330)"):
        _slate(d, finish, 250, 90, 340, 484)
        glass(d, screen, 268, 108, 304, 448, 12)
        _icons(d, screen, 322, 508)


def foldable(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 566, 230, 28)
    sides = (("matrix(1 .12 0 1 96 66)", 0.0), ("matrix(1 -.12 0 1 320 93)", 224.0))
    for transform, offset in sides:
        with d.group(transform=transform):
            frame = d.linear(finish.light, finish.base, finish.dark, angle=20 + offset / 2)
            d.rect(0, 0, 224, 470, 26, frame, stroke=finish.rim, stroke_width="1.6")
            d.rect(5, 5, 214, 460, 22, "#0b0d12")
            inner = box(12, 12, 206 if offset else 212, 446, 15)
            if offset:
                inner = box(0, 12, 212, 446, 15)
            wallpaper(d, screen, 12 - offset, 12, 424, 446, inner)
            shade = (
                ("#04060c/0@.55", "#04060c/.42")
                if not offset
                else ("#04060c/.30", "#ffffff/.06@.5")
            )
            d.path(inner, d.linear(*shade, angle=0))
    d.path(
        "M314,98Q320,102 326,98V564Q320,568 314,564Z",
        d.linear(finish.dark, finish.light, finish.dark, angle=0),
        opacity=".85",
    )
    d.circle(440, 100, 5, "#06080d")


def _slate(d: Drawing, finish: Finish, x: float, y: float, w: float, h: float) -> None:
    d.rect(x, y, w, h, 26, d.linear(finish.light, finish.base, finish.dark, angle=60))
    d.rect(x, y, w, h, 26, stroke=finish.rim, stroke_width="1.5")
    d.rect(x + 4, y + 4, w - 8, h - 8, 23, "#0b0d12")


def _icons(d: Drawing, screen: Screen, x: float, y: float) -> None:
    d.rect(x - 12, y - 12, 204, 46, 15, "#ffffff", opacity=".28")
    colours = (screen.layers[0], "#ffffff", screen.layers[1], screen.sky[0], screen.layers[2])
    for place, colour in enumerate(colours):
        d.rect(x + place * 39, y - 4, 28, 28, 8, d.linear(colour, f"{colour}/.8"))


def _stand(d: Drawing, finish: Finish, top: float) -> None:
    d.path(
        f"M284,{top}H356L362,530H278Z",
        d.linear(finish.dark, finish.light, finish.base, finish.dark, angle=0),
    )
    d.path(f"M284,{top}H356L358,{top + 30}H282Z", "#05070d", opacity=".28")
    d.rect(
        196,
        526,
        248,
        22,
        11,
        d.linear(finish.light, finish.base, finish.dark),
        stroke=finish.rim,
        stroke_width="1.2",
    )
    d.rect(206, 529, 228, 4, 2, "#ffffff", opacity=".35")
