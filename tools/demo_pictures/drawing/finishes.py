"""The colours that products come in and the pictures that their screens show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finish:
    """A material from its lit to its shaded side; `rim` keeps the outline on any ground."""

    code: str
    light: str
    base: str
    dark: str
    rim: str
    accent: str  # small coloured parts: a ring, an Enter key, stitching


FINISHES = {
    finish.code: finish
    for finish in (
        Finish("graphite", "#6d7484", "#424855", "#2a2e38", "#8b92a3", "#ff7a45"),
        Finish("silver", "#fbfcfe", "#d9dde5", "#aeb5c3", "#8d95a6", "#2b4bd8"),
        Finish("ivory", "#fffdf8", "#f1eadd", "#cfc4b0", "#a89c86", "#e0653a"),
        Finish("cobalt", "#6f8cff", "#2f50da", "#1b2f8f", "#8aa2ff", "#ffc24b"),
        Finish("sage", "#c6d8c3", "#93b092", "#5f7f63", "#7f9d80", "#f4efe2"),
        Finish("coral", "#ffab91", "#f4704f", "#b8442a", "#ff9c80", "#fff1e6"),
        Finish("sand", "#f3e2c8", "#dcc09a", "#ab8a60", "#b39a76", "#6b4a2a"),
        Finish("lilac", "#e2d5ff", "#b9a2ee", "#7f67bd", "#a48fd8", "#ffd9ec"),
        Finish("petrol", "#5fb0b6", "#23747d", "#124149", "#6fbac0", "#ffd27a"),
        Finish("copper", "#f2b591", "#c97b4f", "#85461f", "#dd9a74", "#2f2a28"),
        Finish("walnut", "#a9744c", "#7a4d2c", "#4a2c17", "#b98a64", "#e8d2a8"),
        Finish("berry", "#e07aa5", "#b13470", "#6f1b45", "#e690b4", "#ffe3ef"),
    )
}


@dataclass(frozen=True)
class Screen:
    """An abstract wallpaper: the sky from top to bottom and three layers over it."""

    code: str
    style: str  # waves, dunes, ribbons or orbs
    sky: tuple[str, str]
    layers: tuple[str, str, str]


SCREENS = {
    screen.code: screen
    for screen in (
        Screen("dusk", "dunes", ("#2a1b6b", "#ff8f70"), ("#ffb36b", "#d9488b", "#3d1d7a")),
        Screen("lagoon", "waves", ("#0c2f6b", "#38c6d9"), ("#6fe3d6", "#1f8fd0", "#123a8c")),
        Screen("ember", "ribbons", ("#2b0b2e", "#8c1d3f"), ("#ffb14a", "#ff6a3d", "#d12d5a")),
        Screen("aurora", "ribbons", ("#07122e", "#123d52"), ("#7cf2b0", "#3ac7c0", "#5b6cf0")),
        Screen("meadow", "dunes", ("#bfe9ff", "#fff3c9"), ("#8fd18a", "#3f9e74", "#1e6b5f")),
        Screen("noon", "orbs", ("#3157e6", "#9fc3ff"), ("#ffd24d", "#ff8a5b", "#ffffff")),
        Screen("candy", "waves", ("#6b3df0", "#ff9ad5"), ("#ffd0ee", "#ff6fb1", "#7a2fe0")),
        Screen("slate", "orbs", ("#171b2b", "#3a4566"), ("#7f9bff", "#b58cff", "#3fd0e0")),
    )
}
