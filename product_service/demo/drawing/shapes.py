"""Every shape, in which finishes it is drawn and with which wallpapers: the list of all pictures.

A picture is called `<shape>-<finish>-<screen>`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from product_service.demo.drawing import (
    cameras,
    displays,
    headphones,
    home,
    keyboards,
    laptops,
    phones,
    pointing,
    speakers,
    storage,
    wearables,
)
from product_service.demo.drawing.finishes import FINISHES, SCREENS, Finish, Screen
from product_service.demo.drawing.svg import Drawing


@dataclass(frozen=True)
class Shape:
    """`says` is the alternative text after the finish: "Graphite laptop, open"."""

    code: str
    draw: Callable[[Drawing, Finish, Screen], None]
    says: str
    finishes: str
    screens: str  # more than one: each finish is drawn with each of them


_TABLE = (
    Shape("laptop", laptops.laptop, "laptop, open", "graphite silver sand petrol", "dusk aurora"),
    Shape(
        "laptop-back",
        laptops.laptop_back,
        "laptop, seen from behind",
        "graphite silver sand petrol",
        "aurora",
    ),
    Shape(
        "convertible",
        laptops.convertible,
        "convertible laptop, standing as a tent",
        "graphite silver lilac",
        "meadow",
    ),
    Shape(
        "monitor", displays.monitor, "monitor on its stand", "graphite silver", "candy meadow slate"
    ),
    Shape(
        "monitor-back",
        displays.monitor_back,
        "monitor, seen from behind",
        "graphite silver",
        "aurora",
    ),
    Shape(
        "ultrawide",
        displays.ultrawide,
        "curved ultrawide monitor",
        "graphite silver",
        "ember aurora",
    ),
    Shape(
        "tablet",
        displays.tablet,
        "tablet with a pen beside it",
        "graphite silver lilac sage",
        "noon",
    ),
    Shape(
        "tablet-back",
        displays.tablet_back,
        "tablet, back and front",
        "graphite silver lilac sage",
        "candy",
    ),
    Shape(
        "phone",
        phones.phone,
        "phone, back and front",
        "graphite ivory cobalt sage coral lilac",
        "ember lagoon",
    ),
    Shape(
        "phone-front", phones.phone_front, "phone, seen from the front", "graphite silver", "candy"
    ),
    Shape(
        "phone-back",
        phones.phone_back,
        "phone, seen from behind",
        "graphite ivory cobalt sage coral lilac",
        "dusk",
    ),
    Shape("foldable", displays.foldable, "folding phone, opened", "graphite petrol sand", "dusk"),
    Shape("keyboard", keyboards.keyboard, "full-size keyboard", "graphite ivory silver", "dusk"),
    Shape(
        "keyboard-compact",
        keyboards.keyboard_compact,
        "compact keyboard",
        "graphite ivory sage lilac coral",
        "dusk",
    ),
    Shape(
        "keyboard-glow",
        keyboards.keyboard_glow,
        "keyboard with lit keys",
        "graphite silver",
        "ember aurora",
    ),
    Shape("mouse", pointing.mouse, "mouse", "graphite ivory sage lilac coral", "noon"),
    Shape(
        "mouse-glow",
        pointing.mouse_glow,
        "light mouse with a honeycomb shell",
        "graphite ivory berry",
        "candy",
    ),
    Shape("trackball", pointing.trackball, "trackball", "graphite ivory", "ember"),
    Shape(
        "portable-drive",
        storage.portable_drive,
        "portable drive with its cable",
        "graphite silver cobalt coral",
        "aurora",
    ),
    Shape("module", storage.module, "solid-state module", "graphite silver", "candy ember"),
    Shape(
        "memory-card", storage.memory_card, "memory cards in two sizes", "graphite silver", "lagoon"
    ),
    Shape(
        "network-storage",
        storage.network_storage,
        "network storage with four bays",
        "graphite ivory",
        "dusk",
    ),
    Shape("flash-stick", storage.flash_stick, "flash drive", "graphite silver berry", "noon"),
    Shape(
        "watch-round",
        wearables.watch_round,
        "watch with a round face",
        "graphite sand berry petrol",
        "dusk",
    ),
    Shape(
        "watch-square",
        wearables.watch_square,
        "watch with a square face",
        "graphite ivory coral sage",
        "slate",
    ),
    Shape("band", wearables.band, "fitness band", "graphite lilac coral cobalt", "candy"),
    Shape("ring", wearables.ring, "smart ring", "graphite silver copper", "noon"),
    Shape(
        "headphones",
        headphones.headphones,
        "over-ear headphones",
        "graphite silver cobalt sand berry copper",
        "aurora",
    ),
    Shape(
        "headset", headphones.headset, "headset with a microphone", "graphite ivory cobalt", "ember"
    ),
    Shape(
        "earbuds",
        headphones.earbuds,
        "earbuds in their open case",
        "graphite ivory sage lilac coral",
        "noon",
    ),
    Shape(
        "open-ear",
        headphones.open_ear,
        "open-ear headphones with a neckband",
        "graphite cobalt coral",
        "aurora",
    ),
    Shape(
        "shelf-speaker",
        speakers.shelf_speaker,
        "bookshelf speaker",
        "walnut graphite ivory",
        "dusk",
    ),
    Shape(
        "portable-speaker",
        speakers.portable_speaker,
        "portable speaker with a carrying loop",
        "graphite cobalt coral sage",
        "dusk",
    ),
    Shape(
        "smart-speaker",
        speakers.smart_speaker,
        "smart speaker with a light ring",
        "graphite ivory petrol coral",
        "aurora",
    ),
    Shape(
        "soundbar",
        speakers.soundbar,
        "soundbar with its subwoofer",
        "graphite silver walnut",
        "ember",
    ),
    Shape(
        "kitchen-radio",
        speakers.kitchen_radio,
        "kitchen radio with a wooden grille",
        "ivory sage coral petrol",
        "dusk",
    ),
    Shape("camera", cameras.camera, "system camera with a lens", "graphite silver copper", "candy"),
    Shape("lens", cameras.lens, "camera lens, standing", "graphite", "candy"),
    Shape(
        "action-camera", cameras.action_camera, "action camera", "graphite coral cobalt", "lagoon"
    ),
    Shape(
        "pocket-camera",
        cameras.pocket_camera,
        "pocket camera",
        "ivory coral petrol lilac",
        "aurora",
    ),
    Shape("webcam", cameras.webcam, "webcam on its stand", "graphite ivory", "lagoon"),
    Shape("router", home.router, "router with four antennas", "graphite ivory", "ember"),
    Shape("mesh-node", home.mesh_node, "pair of mesh nodes", "ivory graphite sage", "aurora"),
    Shape("bulb", home.bulb, "glowing light bulb", "silver", "dusk lagoon candy meadow"),
    Shape("plug", home.plug, "smart plug", "ivory graphite", "aurora"),
    Shape(
        "thermostat",
        home.thermostat,
        "thermostat showing 21 degrees",
        "silver graphite copper",
        "ember",
    ),
    Shape(
        "guard-camera",
        home.guard_camera,
        "security camera on its stand",
        "ivory graphite",
        "lagoon",
    ),
    Shape("doorbell", home.doorbell, "video doorbell", "graphite silver copper", "aurora"),
    Shape("hub", home.hub, "smart home hub", "ivory graphite petrol", "lagoon"),
)
SHAPES = {shape.code: shape for shape in _TABLE}


@dataclass(frozen=True)
class Sheet:
    """One picture to draw."""

    name: str
    alt: str
    shape: Shape
    finish: Finish
    screen: Screen

    def svg(self) -> str:
        drawing = Drawing()
        self.shape.draw(drawing, self.finish, self.screen)
        return drawing.svg()


def all_sheets() -> list[Sheet]:
    """Every picture of the demo shop, in a fixed order."""
    return [
        Sheet(
            name=f"{shape.code}-{finish}-{screen}",
            alt=f"{FINISHES[finish].name} {shape.says}",
            shape=shape,
            finish=FINISHES[finish],
            screen=SCREENS[screen],
        )
        for shape in _TABLE
        for finish in shape.finishes.split()
        for screen in shape.screens.split()
    ]
