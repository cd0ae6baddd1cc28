"""In which shapes, finishes and wallpapers products are pictured: the list of all pictures.

`tools/demo_pictures` draws them, and `pictures/` holds what it drew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """`says` is the alternative text after the finish: "Graphite laptop, open"."""

    code: str
    says: str
    finishes: str
    screens: str  # wallpapers; with more than one, each finish is drawn with each of them


SHAPES = {
    row[0]: Shape(*row)
    for row in (
        ("laptop", "laptop, open", "graphite silver sand petrol", "dusk aurora"),
        ("laptop-back", "laptop, seen from behind", "graphite silver sand petrol", "aurora"),
        (
            "convertible",
            "convertible laptop, standing as a tent",
            "graphite silver lilac",
            "meadow",
        ),
        ("monitor", "monitor on its stand", "graphite silver", "candy meadow slate"),
        ("monitor-back", "monitor, seen from behind", "graphite silver", "aurora"),
        ("ultrawide", "curved ultrawide monitor", "graphite silver", "ember aurora"),
        ("tablet", "tablet with a pen beside it", "graphite silver lilac sage", "noon"),
        ("tablet-back", "tablet, back and front", "graphite silver lilac sage", "candy"),
        (
            "phone",
            "phone, back and front",
            "graphite ivory cobalt sage coral lilac",
            "ember lagoon",
        ),
        ("phone-front", "phone, seen from the front", "graphite silver", "candy"),
        ("phone-back", "phone, seen from behind", "graphite ivory cobalt sage coral lilac", "dusk"),
        ("foldable", "folding phone, opened", "graphite petrol sand", "dusk"),
        ("keyboard", "full-size keyboard", "graphite ivory silver", "dusk"),
        ("keyboard-compact", "compact keyboard", "graphite ivory sage lilac coral", "dusk"),
        ("keyboard-glow", "keyboard with lit keys", "graphite silver", "ember aurora"),
        ("mouse", "mouse", "graphite ivory sage lilac coral", "noon"),
        ("mouse-glow", "light mouse with a honeycomb shell", "graphite ivory berry", "candy"),
        ("trackball", "trackball", "graphite ivory", "ember"),
        (
            "portable-drive",
            "portable drive with its cable",
            "graphite silver cobalt coral",
            "aurora",
        ),
        ("module", "solid-state module", "graphite silver", "candy ember"),
        ("memory-card", "memory cards in two sizes", "graphite silver", "lagoon"),
        ("network-storage", "network storage with four bays", "graphite ivory", "dusk"),
        ("flash-stick", "flash drive", "graphite silver berry", "noon"),
        ("watch-round", "watch with a round face", "graphite sand berry petrol", "dusk"),
        ("watch-square", "watch with a square face", "graphite ivory coral sage", "slate"),
        ("band", "fitness band", "graphite lilac coral cobalt", "candy"),
        ("ring", "smart ring", "graphite silver copper", "noon"),
        ("headphones", "over-ear headphones", "graphite silver cobalt sand berry copper", "aurora"),
        ("headset", "headset with a microphone", "graphite ivory cobalt", "ember"),
        ("earbuds", "earbuds in their open case", "graphite ivory sage lilac coral", "noon"),
        ("open-ear", "open-ear headphones with a neckband", "graphite cobalt coral", "aurora"),
        ("shelf-speaker", "bookshelf speaker", "walnut graphite ivory", "dusk"),
        (
            "portable-speaker",
            "portable speaker with a carrying loop",
            "graphite cobalt coral sage",
            "dusk",
        ),
        (
            "smart-speaker",
            "smart speaker with a light ring",
            "graphite ivory petrol coral",
            "aurora",
        ),
        ("soundbar", "soundbar with its subwoofer", "graphite silver walnut", "ember"),
        ("kitchen-radio", "kitchen radio with a wooden grille", "ivory sage coral petrol", "dusk"),
        ("camera", "system camera with a lens", "graphite silver copper", "candy"),
        ("lens", "camera lens, standing", "graphite", "candy"),
        ("action-camera", "action camera", "graphite coral cobalt", "lagoon"),
        ("pocket-camera", "pocket camera", "ivory coral petrol lilac", "aurora"),
        ("webcam", "webcam on its stand", "graphite ivory", "lagoon"),
        ("router", "router with four antennas", "graphite ivory", "ember"),
        ("mesh-node", "pair of mesh nodes", "ivory graphite sage", "aurora"),
        ("bulb", "glowing light bulb", "silver", "dusk lagoon candy meadow"),
        ("plug", "smart plug", "ivory graphite", "aurora"),
        ("thermostat", "thermostat showing 21 degrees", "silver graphite copper", "ember"),
        ("guard-camera", "security camera on its stand", "ivory graphite", "lagoon"),
        ("doorbell", "video doorbell", "graphite silver copper", "aurora"),
        ("hub", "smart home hub", "ivory graphite petrol", "lagoon"),
    )
}


@dataclass(frozen=True)
class View:
    """One picture: a shape in a finish, with a wallpaper on its screen if it has one."""

    shape: str
    finish: str
    screen: str

    @property
    def name(self) -> str:
        return f"{self.shape}-{self.finish}-{self.screen}"

    @property
    def alt(self) -> str:
        return f"{self.finish.title()} {SHAPES[self.shape].says}"


def views() -> Iterator[View]:
    """Every picture of the demo shop, in a fixed order."""
    for shape in SHAPES.values():
        for finish in shape.finishes.split():
            for screen in shape.screens.split():
                yield View(shape.code, finish, screen)
