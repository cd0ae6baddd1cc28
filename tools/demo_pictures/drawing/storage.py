"""Drives, modules, cards and the network storage box."""

from __future__ import annotations

from tools.demo_pictures.drawing.finishes import Finish, Screen
from tools.demo_pictures.drawing.svg import Drawing


def portable_drive(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 490, 280, 80, 0.4)
    d.line("M470,470C560,520 600,440 560,400S520,330 600,300", "#3a4050", 15)
    d.line("M470,467C558,516 596,438 557,398S518,328 600,297", "#6a7284", 4, opacity=".7")
    with d.group(transform="matrix(.93 -.20 .30 .86 16 160)"):
        for step in range(30, 0, -3):
            d.rect(0, step, 460, 320, 40, finish.dark)
        d.rect(0, 30, 460, 320, 40, stroke=finish.rim, stroke_opacity=".5", stroke_width="1.4")
        d.rect(
            0,
            0,
            460,
            320,
            40,
            d.linear(finish.light, finish.base, finish.dark, angle=35),
            stroke=finish.rim,
            stroke_width="1.6",
        )
        for groove in range(9):
            d.rect(250 + groove * 21, 26, 7, 268, 3.5, finish.dark, opacity=".55")
            d.rect(257 + groove * 21, 26, 2, 268, 1, "#ffffff", opacity=".28")
        for step, height in enumerate((20, 36, 52)):
            d.rect(44 + step * 24, 110 - height, 14, height, 4, finish.accent)
        d.circle(52, 280, 6, screen.layers[0])
        d.rect(44, 140, 120, 7, 3.5, finish.dark, opacity=".5")
        d.rect(44, 156, 78, 7, 3.5, finish.dark, opacity=".35")


def module(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(330, 440, 280, 70, 0.34)
    with d.group(transform="rotate(-24 320 320)"):
        d.path(
            "M24,248H616V306A14,14 0 0 0 616,334V392H84V356H66V392H24Z",
            "#05070d",
            opacity=".4",
            transform="translate(3 12)",
        )
        d.path(
            "M24,248H616V306A14,14 0 0 0 616,334V392H84V356H66V392H24Z",
            d.linear("#1d3d35", "#102620", "#0a1a16", angle=40),
            stroke="#5e8a7b",
            stroke_width="1.6",
        )
        for pin in range(16):
            if pin not in (5, 6):
                d.rect(26, 254 + pin * 8.6, 30, 5.4, 1, d.linear("#ffe7a3", "#c58d2d", angle=0))
        d.rect(
            96,
            260,
            500,
            120,
            8,
            d.linear(finish.light, finish.base, finish.dark, angle=30),
            stroke=finish.rim,
            stroke_width="1.4",
        )
        for fin in range(9):
            d.rect(330 + fin * 26, 266, 15, 108, 3, d.linear(finish.dark, finish.base, angle=0))
            d.rect(330 + fin * 26, 266, 3, 108, 1, "#ffffff", opacity=".35")
        paint = d.linear(screen.layers[0], screen.layers[1], screen.layers[2], angle=20)
        d.rect(116, 274, 196, 92, 8, paint)
        for step, height in enumerate((16, 28, 40)):
            d.rect(134 + step * 18, 344 - height, 11, height, 3, "#ffffff")
        d.rect(206, 306, 90, 9, 4, "#ffffff", opacity=".9")
        d.rect(206, 324, 58, 7, 3, "#ffffff", opacity=".65")
        d.circle(604, 320, 12, "#c58d2d")


def memory_card(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(310, 560, 220, 34, 0.34)
    with d.group(transform="rotate(-8 280 320)"):
        d.path(
            "M130,120Q130,96 154,96H342L404,158V520Q404,544 380,544H154Q130,544 130,520Z",
            d.linear(finish.light, finish.base, finish.dark, angle=50),
            stroke=finish.rim,
            stroke_width="1.8",
        )
        for pin in range(6):
            d.rect(154 + pin * 30, 112, 17, 62, 5, d.linear("#ffe7a3", "#c58d2d"))
        d.rect(122, 230, 12, 44, 4, finish.accent)
        d.rect(152, 214, 230, 300, 14, d.linear(*screen.sky, angle=60))
        for step, height in enumerate((46, 84, 122)):
            d.rect(176 + step * 44, 400 - height, 27, height, 7, screen.layers[step])
        d.rect(176, 424, 160, 14, 7, "#ffffff", opacity=".9")
        d.rect(176, 450, 104, 10, 5, "#ffffff", opacity=".6")
    with d.group(transform="rotate(12 480 450)"):
        d.path(
            "M414,374Q414,360 428,360H508L522,382V408L534,420V530Q534,544 520,544H428"
            "Q414,544 414,530Z",
            d.linear("#3b4150", "#171a22", angle=60),
            stroke="#8b92a3",
            stroke_width="1.6",
        )
        d.rect(430, 440, 88, 84, 8, d.linear(screen.layers[0], screen.layers[1], angle=50))
        for pin in range(5):
            d.rect(430 + pin * 16, 370, 9, 34, 3, d.linear("#ffe7a3", "#c58d2d"))


def network_storage(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(330, 566, 260, 34)
    d.polygon(
        [(470, 110), (560, 90), (560, 520), (470, 556)],
        d.linear(finish.dark, "#0d1016", angle=20),
        stroke=finish.rim,
        stroke_width="1.2",
    )
    d.polygon(
        [(110, 110), (210, 90), (560, 90), (470, 110)],
        d.linear(finish.light, finish.base),
        stroke=finish.rim,
        stroke_width="1.2",
    )
    d.rect(
        104,
        108,
        370,
        448,
        16,
        d.linear(finish.light, finish.base, finish.dark, angle=60),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    d.rect(122, 126, 334, 74, 10, "#0b0d12")
    for step in range(4):
        d.circle(
            150 + step * 24, 163, 5.5, ("#5fe0a0", "#5fe0a0", screen.layers[0], "#3a4152")[step]
        )
    d.circle(420, 163, 17, d.linear("#2c323f", "#11141b"), stroke="#66c8ff", stroke_width="2.5")
    d.line("M420,155V164", "#66c8ff", 2.5)
    for bay in range(4):
        _tray(d, 122, 212 + bay * 82, finish)


def flash_stick(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(340, 450, 230, 70, 0.36)
    with d.group(transform="rotate(-32 320 320)"):
        d.rect(26, 274, 150, 92, 8, d.linear("#fafbfd", "#c7ccd6", "#8a92a2"), stroke="#7f8696")
        for hole in (50, 102):
            d.rect(hole, 290, 26, 18, 3, "#20242e")
            d.rect(hole, 332, 26, 18, 3, "#20242e")
        d.rect(160, 250, 440, 140, 34, finish.dark, transform="translate(2 10)")
        d.rect(
            160,
            250,
            440,
            140,
            34,
            d.linear(finish.light, finish.base, finish.dark),
            stroke=finish.rim,
            stroke_width="1.6",
        )
        d.rect(176, 260, 404, 26, 13, "#ffffff", opacity=".30")
        d.circle(548, 320, 24, "#0b0d12", opacity=".8")
        d.circle(548, 320, 17, d.linear(*screen.sky, angle=60))
        for step, height in enumerate((22, 40, 58)):
            d.rect(206 + step * 28, 350 - height, 17, height, 4, finish.accent)
        for rib in range(6):
            d.rect(400 + rib * 16, 296, 7, 50, 3, finish.dark, opacity=".6")


def _tray(d: Drawing, x: float, y: float, finish: Finish) -> None:
    d.rect(x, y, 334, 74, 9, d.linear("#343a47", "#1b1f28"), stroke="#4d5565", stroke_width="1.2")
    d.rect(x + 14, y + 14, 210, 46, 5, "#0d1016")
    for hole in range(12):
        d.rect(x + 22 + hole * 16.4, y + 20, 8, 34, 4, "#2b303c")
    d.rect(x + 240, y + 14, 66, 46, 8, d.linear(finish.light, finish.base, finish.dark))
    d.rect(x + 250, y + 32, 46, 9, 4.5, finish.dark, opacity=".8")
    d.circle(x + 320, y + 22, 4, "#5fe0a0")
