"""Each shape of the demo shop with the function that draws it."""

from __future__ import annotations

from collections.abc import Callable

from product_service.demo.shapes import View
from tools.demo_pictures.drawing import (
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
from tools.demo_pictures.drawing.finishes import FINISHES, SCREENS, Finish, Screen
from tools.demo_pictures.drawing.svg import Drawing

DRAW: dict[str, Callable[[Drawing, Finish, Screen], None]] = {
    "laptop": laptops.laptop,
    "laptop-back": laptops.laptop_back,
    "convertible": laptops.convertible,
    "monitor": displays.monitor,
    "monitor-back": displays.monitor_back,
    "ultrawide": displays.ultrawide,
    "tablet": displays.tablet,
    "tablet-back": displays.tablet_back,
    "phone": phones.phone,
    "phone-front": phones.phone_front,
    "phone-back": phones.phone_back,
    "foldable": displays.foldable,
    "keyboard": keyboards.keyboard,
    "keyboard-compact": keyboards.keyboard_compact,
    "keyboard-glow": keyboards.keyboard_glow,
    "mouse": pointing.mouse,
    "mouse-glow": pointing.mouse_glow,
    "trackball": pointing.trackball,
    "portable-drive": storage.portable_drive,
    "module": storage.module,
    "memory-card": storage.memory_card,
    "network-storage": storage.network_storage,
    "flash-stick": storage.flash_stick,
    "watch-round": wearables.watch_round,
    "watch-square": wearables.watch_square,
    "band": wearables.band,
    "ring": wearables.ring,
    "headphones": headphones.headphones,
    "headset": headphones.headset,
    "earbuds": headphones.earbuds,
    "open-ear": headphones.open_ear,
    "shelf-speaker": speakers.shelf_speaker,
    "portable-speaker": speakers.portable_speaker,
    "smart-speaker": speakers.smart_speaker,
    "soundbar": speakers.soundbar,
    "kitchen-radio": speakers.kitchen_radio,
    "camera": cameras.camera,
    "lens": cameras.lens,
    "action-camera": cameras.action_camera,
    "pocket-camera": cameras.pocket_camera,
    "webcam": cameras.webcam,
    "router": home.router,
    "mesh-node": home.mesh_node,
    "bulb": home.bulb,
    "plug": home.plug,
    "thermostat": home.thermostat,
    "guard-camera": home.guard_camera,
    "doorbell": home.doorbell,
    "hub": home.hub,
}


def svg(view: View) -> str:
    """The drawing of a picture, as a document of its own."""
    drawing = Drawing()
    DRAW[view.shape](drawing, FINISHES[view.finish], SCREENS[view.screen])
    return drawing.svg()
