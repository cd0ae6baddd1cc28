"""Laptops and monitors."""

from __future__ import annotations

from product_service.demo.shop import Family, Series

ALL = "graphite silver sand petrol"

LAPTOP = Family(
    code="LAP",
    category="laptops",
    keywords="notebook computer ultrabook",
    count=20,
    series=(
        Series(
            "Kite",
            "Halvorn",
            "laptop laptop-back",
            ALL,
            "A light laptop for trains, cafés and the odd garden chair.",
        ),
        Series(
            "Atlas",
            "Halvorn",
            "laptop laptop-back",
            "silver graphite",
            "The big screen for long tables, long films and longer spreadsheets.",
            108,
        ),
        Series(
            "Pebble",
            "Quendry",
            "laptop laptop-back",
            "sand silver petrol",
            "A friendly computer that is not afraid of homework.",
            68,
        ),
        Series(
            "Forge",
            "Kaldrith",
            "laptop laptop-back",
            "graphite petrol",
            "Built for code, renders and the round after midnight.",
            125,
        ),
        Series(
            "Grünspan",
            "Taverlin",
            "laptop laptop-back",
            "petrol sand",
            "Half its aluminium has been a window frame before.",
        ),
    ),
    tiers=(("13", 849), ("14", 1149), ("16 Pro", 1799), ("14 Studio", 2199)),
    by_tier={
        "screen-size": (13.3, 14, 16, 14.2),
        "processor": (
            "6 cores, 3.4 GHz",
            "8 cores, 3.9 GHz",
            "12 cores, 4.4 GHz",
            "14 cores, 4.8 GHz",
        ),
        "memory": (8, 16, 32, 32),
        "resolution": ("1920 × 1200", "2240 × 1400", "3072 × 1920", "2880 × 1800"),
        "refresh-rate": (60, 90, 120, 120),
        "graphics": ("Built in", "Built in", "Separate, 8 GB", "Separate, 12 GB"),
        "battery-life": (12, 15, 13, 17),
        "weight": (1190, 1320, 1890, 1540),
    },
    by_series={
        "panel": ("IPS, matt", "OLED, glossy"),
        "brightness": (400, 500, 350, 600),
        "ports": ("2 USB-C, 1 USB-A, audio", "3 USB-C, HDMI, card reader"),
        "wireless": ("Wi-Fi 6E", "Wi-Fi 7"),
        "backlight": (True,),
        "warranty": (2, 3),
    },
    closings=(
        "{processor} and {memory} GB of memory start the day before the kettle does.",
        "The {screen-size}-inch screen shows {resolution} pixels, and {battery-life} hours pass "
        "between two sockets.",
        "At {weight} g it weighs about as much as the papers it replaces.",
    ),
    choice="capacity",
    choices=(("512 GB", 0), ("1 TB", 150)),
    finishes_each=2,
)

CONVERTIBLE = Family(
    code="CON",
    category="laptops",
    keywords="2-in-1 notebook touch pen",
    count=6,
    series=(
        Series(
            "Fold",
            "Quendry",
            "convertible",
            "graphite silver lilac",
            "Keyboard by day, easel by night: the hinge goes all the way round.",
            90,
        ),
        Series(
            "Marlow",
            "Taverlin",
            "convertible",
            "silver lilac graphite",
            "Stands as a tent on the worktop and shows the next step of the recipe.",
        ),
    ),
    tiers=(("12", 749), ("13 Touch", 999), ("14 Pen", 1299)),
    by_tier={
        "screen-size": (12.4, 13.5, 14),
        "memory": (8, 16, 16),
        "processor": ("6 cores, 3.2 GHz", "8 cores, 3.6 GHz", "10 cores, 4.2 GHz"),
        "resolution": ("1920 × 1280", "2256 × 1504", "2880 × 1800"),
        "battery-life": (11, 14, 15),
        "weight": (1080, 1260, 1390),
    },
    by_series={
        "refresh-rate": (60, 120),
        "panel": ("IPS, touch", "OLED, touch"),
        "brightness": (450, 500),
        "graphics": ("Built in",),
        "wireless": ("Wi-Fi 6E",),
        "ports": ("2 USB-C, audio", "2 USB-C, 1 USB-A"),
        "warranty": (2,),
    },
    closings=(
        "The touch screen takes finger and pen at {resolution} pixels.",
        "{battery-life} hours of battery outlast any lecture.",
    ),
    choice="capacity",
    choices=(("256 GB", 0), ("512 GB", 90)),
    finishes_each=1,
)

_SCREEN_CLOSINGS = (
    "{resolution} pixels on {screen-size} inches keep small print crisp.",
    "A {refresh-rate} Hz panel makes scrolling calm and games quick.",
    "One cable carries picture, data and power; at {power} W it is modest about it.",
)
MONITOR = Family(
    code="MON",
    category="monitors",
    keywords="display screen",
    count=12,
    series=(
        Series(
            "Clarity",
            "Lumivek",
            "monitor monitor-back",
            "silver graphite",
            "A quiet, matt screen for people who read for a living.",
        ),
        Series(
            "Arena",
            "Kaldrith",
            "monitor monitor-back",
            "graphite silver",
            "Made for quick eyes: hardly any delay, hardly any blur.",
            115,
        ),
        Series(
            "Palette",
            "Lumivek",
            "monitor monitor-back",
            "graphite silver",
            "Colours that survive the way from the screen to the printer.",
            135,
        ),
        Series(
            "Bureau",
            "Quendry",
            "monitor monitor-back",
            "silver graphite",
            "The honest office monitor: turns, tilts, lifts, and says nothing.",
            88,
        ),
    ),
    tiers=(("24", 189), ("27 QHD", 319), ("32 UHD", 549)),
    by_tier={
        "screen-size": (23.8, 27, 31.5),
        "resolution": ("1920 × 1080", "2560 × 1440", "3840 × 2160"),
        "refresh-rate": (75, 120, 144),
        "power": (18, 26, 38),
        "weight": (3900, 5400, 7800),
        "width": (540, 612, 714),
    },
    by_series={
        "panel": ("IPS, matt", "Fast IPS", "OLED", "VA"),
        "brightness": (350, 400, 600, 300),
        "ports": ("HDMI, DisplayPort, USB-C 90 W", "2 HDMI, DisplayPort"),
        "adjustable": (True,),
        "warranty": (3, 2, 5),
    },
    closings=_SCREEN_CLOSINGS,
    finishes_each=2,
)
ULTRAWIDE = Family(
    code="ULT",
    category="monitors",
    keywords="display screen curved 21:9",
    count=6,
    series=(
        Series(
            "Horizon",
            "Lumivek",
            "ultrawide",
            "graphite silver",
            "One curved screen where two flat ones used to argue.",
        ),
        Series(
            "Panorama",
            "Kaldrith",
            "ultrawide",
            "graphite silver",
            "A wide field of view, for cockpits, timelines and tables of forty columns.",
            112,
        ),
    ),
    tiers=(("34", 499), ("38", 849), ("49 Double", 1190)),
    by_tier={
        "screen-size": (34, 37.5, 49),
        "resolution": ("3440 × 1440", "3840 × 1600", "5120 × 1440"),
        "refresh-rate": (100, 144, 165),
        "power": (42, 55, 68),
        "weight": (7900, 9600, 13400),
        "width": (809, 894, 1194),
    },
    by_series={
        "panel": ("Curved VA, 1500R", "Curved OLED, 1800R"),
        "brightness": (350, 450),
        "ports": ("2 HDMI, DisplayPort, USB-C 90 W",),
        "adjustable": (True,),
        "warranty": (3,),
    },
    closings=_SCREEN_CLOSINGS,
    finishes_each=1,
)

FAMILIES = (LAPTOP, CONVERTIBLE, MONITOR, ULTRAWIDE)
