"""Things worn on or in the ear."""

from __future__ import annotations

from tools.demo_pictures.drawing.finishes import Finish, Screen
from tools.demo_pictures.drawing.svg import Drawing

_ARC = "M132,372C108,60 532,60 508,372"


def headphones(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 584, 230, 26)
    _headband(d, finish)
    for mirror in ("", "translate(640 0) scale(-1 1)"):
        with d.group(transform=mirror):
            _cup(d, finish)
            d.circle(118, 504, 5, screen.layers[0])


def headset(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 584, 230, 26)
    _headband(d, finish)
    for mirror in ("", "translate(640 0) scale(-1 1)"):
        with d.group(transform=mirror):
            _cup(d, finish)
            glow = d.linear(screen.layers[0], screen.layers[1], screen.layers[2])
            d.rect(94, 376, 40, 128, 20, stroke=glow, stroke_width="6")
    d.line("M120,506C132,590 220,604 292,574", finish.dark, 13)
    d.line("M120,503C132,586 220,600 292,571", finish.light, 3, opacity=".6")
    with d.group(transform="rotate(-22 304 568)"):
        d.rect(276, 550, 64, 34, 17, d.linear("#343a48", "#0d1016"), stroke=finish.rim)
        d.rect(288, 558, 40, 18, 9, screen.layers[0], opacity=".55")


def earbuds(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 574, 220, 30)
    lid = "M150,330C150,226 218,196 320,196C422,196 490,226 490,330V352H150Z"
    d.path(
        lid,
        d.linear(finish.base, finish.light, finish.dark, angle=70),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    d.path(
        "M172,350C172,254 236,222 320,222C404,222 468,254 468,350Z",
        d.linear("#05070d/.55", "#05070d/.25"),
    )
    for mirror in ("", "translate(640 0) scale(-1 1)"):
        with d.group(transform=mirror):
            _bud(d, finish, screen)
    case = (
        "M144,352Q144,344 152,344H488Q496,344 496,352V430C496,530 420,566 320,566"
        "C220,566 144,530 144,430Z"
    )
    d.path(
        case,
        d.linear(finish.light, finish.base, finish.dark, angle=60),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    with d.group(clip=case):
        d.ellipse(236, 400, 76, 110, d.radial("#ffffff/.6", "#ffffff/0"))
        d.rect(144, 344, 352, 9, 0, finish.dark, opacity=".45")
    d.circle(320, 432, 7, "#5fe0a0")
    d.circle(320, 432, 16, d.radial("#5fe0a0/.5", "#5fe0a0/0"))


def open_ear(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.floor(320, 570, 210, 26)
    band = "M150,300C120,470 220,552 320,552C420,552 520,470 490,300"
    d.line(band, finish.dark, 22)
    d.line(band, d.linear(finish.light, finish.base, finish.dark, angle=20), 17)
    for mirror in ("", "translate(640 0) scale(-1 1)"):
        with d.group(transform=mirror):
            hook = "M150,310C130,200 150,110 214,104C262,100 276,150 258,196"
            d.line(hook, finish.dark, 27)
            d.line(hook, d.linear(finish.light, finish.base, angle=40), 21)
            d.line("M146,270C136,190 160,122 208,114", "#ffffff", 4, opacity=".45")
            with d.group(transform="rotate(18 250 226)"):
                d.rect(
                    206,
                    182,
                    86,
                    122,
                    40,
                    d.linear(finish.light, finish.base, finish.dark, angle=50),
                    stroke=finish.rim,
                    stroke_width="1.6",
                )
                d.rect(222, 200, 54, 86, 26, d.linear("#20242e", "#0a0c11"))
                d.rect(236, 226, 26, 34, 10, screen.layers[0], opacity=".9")
            d.rect(
                132,
                300,
                36,
                78,
                17,
                d.linear(finish.light, finish.dark, angle=30),
                stroke=finish.rim,
            )


def _headband(d: Drawing, finish: Finish) -> None:
    d.line("M152,372C134,104 506,104 488,372", "#12151c", 20, opacity=".92")
    d.line(_ARC, finish.rim, 37)
    d.line(_ARC, d.linear(finish.base, finish.light, finish.base, angle=0), 34)
    d.line("M141,300C150,80 490,80 499,300", finish.dark, 13, opacity=".35")
    d.line("M186,214C224,152 280,132 326,132", "#ffffff", 5, opacity=".55")


def _cup(d: Drawing, finish: Finish) -> None:
    d.rect(
        117, 290, 26, 96, 12, d.linear("#aab1bf", "#f4f6fa", "#7f8696", angle=0), stroke="#6b7283"
    )
    d.rect(
        150,
        336,
        64,
        216,
        32,
        d.linear("#323846", "#14171f", "#0a0c11", angle=10),
        stroke="#565e70",
        stroke_width="1.2",
    )
    d.rect(158, 350, 12, 188, 6, "#ffffff", opacity=".10")
    d.path(
        "M160,332C100,332 84,372 84,444C84,516 100,556 160,556Q172,556 172,544V344"
        "Q172,332 160,332Z",
        d.linear(finish.light, finish.base, finish.dark, angle=30),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    d.path(
        "M142,350C112,358 102,392 102,444C102,480 106,510 118,528",
        stroke="#ffffff",
        stroke_width="5",
        stroke_opacity=".45",
        stroke_linecap="round",
    )
    d.rect(128, 424, 24, 8, 4, finish.accent)
    d.rect(128, 440, 24, 30, 8, finish.dark, opacity=".45")


def _bud(d: Drawing, finish: Finish, screen: Screen) -> None:
    d.path(
        "M208,230C190,160 220,92 268,92C306,92 318,128 300,160C284,188 272,200 268,232"
        "V352H228V268C222,256 212,246 208,230Z",
        d.linear(finish.light, finish.base, finish.dark, angle=30),
        stroke=finish.rim,
        stroke_width="1.6",
    )
    d.ellipse(
        290, 122, 21, 34, d.linear("#3a404e", "#0c0e13", angle=20), transform="rotate(24 290 122)"
    )
    d.ellipse(298, 120, 9, 18, "#6d7484", transform="rotate(24 298 120)", opacity=".7")
    d.path(
        "M224,214C214,172 228,128 250,112",
        stroke="#ffffff",
        stroke_width="6",
        stroke_opacity=".6",
        stroke_linecap="round",
    )
    d.rect(234, 262, 7, 40, 3.5, screen.layers[0])
