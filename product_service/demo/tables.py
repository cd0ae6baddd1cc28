"""Categories, specs, option names and brands of the demo shop. All brands are invented."""

from __future__ import annotations

from product_service.demo.shop import DemoAttribute, DemoCategory

CATEGORIES = tuple(
    DemoCategory(*row)
    for row in (
        ("computers", "Computers", "", "Everything for the desk and the bag."),
        ("laptops", "Laptops", "computers", "Light, quick and quiet, from 11 to 17 inches."),
        ("monitors", "Monitors", "computers", "Flat and curved, for words, pictures and play."),
        ("keyboards-mice", "Keyboards & mice", "computers", "What your hands touch all day."),
        ("storage", "Storage", "computers", "Room for work, holidays and backups."),
        ("phones-tablets", "Phones & tablets", "", "For the pocket, the sofa and the sketch."),
        ("wearables", "Wearables", "", "Watches, bands and rings that keep count."),
        ("audio", "Audio", "", "For one pair of ears or the whole kitchen."),
        ("headphones", "Headphones", "audio", "Over the ear, in the ear, beside the ear."),
        ("speakers", "Speakers", "audio", "Big sound, small sound, and a radio."),
        ("cameras", "Cameras", "", "For the long journey and the next video call."),
        ("smart-home", "Smart home & network", "", "Wireless that reaches, light that obeys."),
    )
)

# code, name, kind, unit, shown on cards. The order is that of the product page; a card shows the
# first three that a product has.
ATTRIBUTES = tuple(
    DemoAttribute(*row)
    for row in (
        ("screen-size", "Screen size", "number", "in", True),
        ("processor", "Processor", "text", "", True),
        ("memory", "Memory", "number", "GB", True),
        ("resolution", "Resolution", "text", "", True),
        ("refresh-rate", "Refresh rate", "number", "Hz", True),
        ("panel", "Panel", "text", "", False),
        ("brightness", "Brightness", "number", "cd/m²", False),
        ("graphics", "Graphics", "text", "", False),
        ("layout", "Layout", "text", "", True),
        ("switches", "Switches", "text", "", True),
        ("sensor", "Sensor", "text", "", True),
        ("megapixels", "Resolution of pictures", "number", "MP", True),
        ("video", "Video", "text", "", True),
        ("drive-type", "Type", "text", "", True),
        ("interface", "Interface", "text", "", True),
        ("read-speed", "Read speed", "number", "MB/s", True),
        ("write-speed", "Write speed", "number", "MB/s", False),
        ("wearing", "Worn", "text", "", True),
        ("noise-cancelling", "Noise cancelling", "boolean", "", True),
        ("play-time", "Play time", "number", "h", True),
        ("output", "Output", "number", "W", True),
        ("drivers", "Drivers", "text", "", True),
        ("frequency", "Frequency range", "text", "", False),
        ("standard", "Standard", "text", "", True),
        ("range", "Range", "number", "m²", True),
        ("device-type", "Device", "text", "", True),
        ("battery-days", "Battery life", "number", "days", True),
        ("heart-rate", "Heart rate", "boolean", "", True),
        ("satellite", "Satellite navigation", "boolean", "", False),
        ("connection", "Connection", "text", "", True),
        ("bluetooth", "Bluetooth", "text", "", False),
        ("wireless", "Wireless", "text", "", False),
        ("ports", "Ports", "text", "", False),
        ("camera", "Main camera", "number", "MP", False),
        ("stabilised", "Image stabilisation", "boolean", "", False),
        ("battery", "Battery", "number", "mAh", False),
        ("battery-life", "Battery life", "number", "h", False),
        ("power", "Power use", "number", "W", False),
        ("charging", "Charging", "text", "", False),
        ("water", "Protection", "text", "", False),
        ("material", "Material", "text", "", False),
        ("backlight", "Backlight", "boolean", "", False),
        ("microphone", "Microphone", "boolean", "", False),
        ("app", "App control", "boolean", "", False),
        ("adjustable", "Height adjustable", "boolean", "", False),
        ("width", "Width", "number", "mm", False),
        ("weight", "Weight", "number", "g", False),
        ("warranty", "Warranty", "number", "years", False),
    )
)

OPTIONS = (
    ("colour", "Colour"),
    ("capacity", "Storage"),
    ("switches", "Switches"),
    ("kit", "Kit"),
    ("pack", "Pack"),
)

# Each closes its descriptions with one habit of the house.
BRANDS = {
    "Halvorn": "Halvorn keeps spare parts for ten years.",
    "Quendry": "A Quendry opens with four ordinary screws.",
    "Lumivek": "Every Lumivek is calibrated before it leaves the house.",
    "Taverlin": "Taverlin promises six years of updates.",
    "Ostrelle": "Ostrelle packs in plain paper, without a thread of plastic.",
    "Möwenklang": "Tuned by ear in Möwenklang's listening room by the sea.",
    "Brumwald": "Brumwald glues nothing that a screw can hold.",
    "Kaldrith": "Kaldrith settings live in the device, so they travel with it.",
    "Fokuvar": "Fokuvar cleans and checks it for free in the first year.",
    "Yelvik": "A Yelvik works without an account, and without the internet.",
    "Netvarra": "Netvarra installs security updates at night, by itself.",
    "Datomyr": "Datomyr tests every piece with a full write before packing.",
    "Solvinka": "Solvinka keeps your health figures on your wrist, not on a server.",
    "Zephandre": "Zephandre sells every cushion, clip and cable one by one.",
}
