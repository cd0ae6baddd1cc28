"""Phones, tablets and what is worn."""

from __future__ import annotations

from product_service.demo.shop import Family, Series

SIX = "graphite ivory cobalt sage coral lilac"

PHONE = Family(
    code="PHO",
    category="phones-tablets",
    keywords="smartphone mobile 5g",
    count=20,
    series=(
        Series(
            "Nova",
            "Ostrelle",
            "phone phone-back",
            SIX,
            "The phone for nearly everybody, in nearly every colour.",
        ),
        Series(
            "Ember",
            "Ostrelle",
            "phone phone-back",
            "coral graphite cobalt sage",
            "A bright screen, a long battery, and a camera that likes the dark.",
            112,
        ),
        Series(
            "Linde",
            "Taverlin",
            "phone phone-back",
            "sage ivory graphite lilac",
            "Back, battery and socket come off with the small driver in the box.",
            95,
        ),
        Series(
            "Wren",
            "Quendry",
            "phone phone-back",
            "ivory lilac cobalt graphite",
            "Small, light and enough: fits the hand and the shirt pocket.",
            78,
        ),
        Series(
            "Almanac",
            "Ostrelle",
            "foldable",
            "graphite petrol sand",
            "Opens like a book and closes like a promise.",
            165,
        ),
        Series(
            "Beacon",
            "Taverlin",
            "phone phone-back",
            "cobalt coral graphite ivory",
            "Made for the hills: loud, bright and hard to offend.",
        ),
    ),
    tiers=(("5", 299), ("7", 499), ("9", 749), ("9 Ultra", 1099)),
    by_tier={
        "screen-size": (6.1, 6.4, 6.5, 6.8),
        "memory": (6, 8, 12, 16),
        "processor": (
            "6 cores, 2.2 GHz",
            "8 cores, 2.6 GHz",
            "8 cores, 3.0 GHz",
            "8 cores, 3.4 GHz",
        ),
        "resolution": ("2400 × 1080", "2400 × 1080", "2780 × 1264", "3088 × 1440"),
        "refresh-rate": (90, 120, 120, 144),
        "camera": (48, 50, 50, 200),
        "battery": (4300, 4700, 5000, 5400),
        "weight": (176, 184, 196, 228),
    },
    by_series={
        "panel": ("OLED",),
        "charging": ("30 W", "45 W", "67 W"),
        "water": ("IP67", "IP68"),
        "stabilised": (True,),
        "warranty": (3, 2),
    },
    closings=(
        "{camera} megapixels look closely; {battery} mAh last until the day after.",
        "The {screen-size}-inch screen runs at {refresh-rate} Hz and stays readable in the sun.",
        "{memory} GB of memory keep forty tabs open without a word.",
    ),
    choice="capacity",
    choices=(("128 GB", 0), ("256 GB", 70), ("512 GB", 180), ("1 TB", 330)),
    finishes_each=2,
)
TABLET = Family(
    code="TAB",
    category="phones-tablets",
    keywords="pad drawing reading",
    count=8,
    series=(
        Series(
            "Skizze",
            "Taverlin",
            "tablet tablet-back",
            "silver sage lilac graphite",
            "For drawing, signing and colouring in, with a pen in the box.",
        ),
        Series(
            "Sofa",
            "Quendry",
            "tablet tablet-back",
            "lilac graphite sage silver",
            "Films, papers and recipes, at arm's length from a cup of tea.",
            78,
        ),
        Series(
            "Slate",
            "Ostrelle",
            "tablet tablet-back",
            "graphite silver lilac",
            "A serious tablet: clip on a keyboard and leave the laptop at home.",
            118,
        ),
    ),
    tiers=(("10", 279), ("11 Plus", 449), ("13 Pro", 849)),
    by_tier={
        "screen-size": (10.4, 11, 12.9),
        "memory": (4, 8, 12),
        "processor": ("6 cores, 2.0 GHz", "8 cores, 2.6 GHz", "8 cores, 3.2 GHz"),
        "resolution": ("2000 × 1200", "2560 × 1600", "2880 × 1920"),
        "refresh-rate": (60, 90, 120),
        "battery": (7600, 8800, 10400),
        "weight": (442, 486, 612),
    },
    by_series={
        "panel": ("IPS, laminated", "OLED"),
        "camera": (8, 12),
        "charging": ("30 W", "45 W"),
        "wireless": ("Wi-Fi 6", "Wi-Fi 6E"),
        "warranty": (2, 3),
    },
    closings=(
        "{screen-size} inches, {resolution} pixels, {weight} g.",
        "Draws at {refresh-rate} Hz, so the line is where the pen is.",
    ),
    finishes_each=2,
)

WATCH = Family(
    code="WAT",
    category="wearables",
    keywords="smartwatch fitness sport",
    count=9,
    series=(
        Series(
            "Meridian",
            "Solvinka",
            "watch-round",
            "graphite sand petrol berry",
            "Looks like a watch, because it is one; the rest is good manners.",
        ),
        Series(
            "Pulse",
            "Solvinka",
            "watch-square",
            "ivory coral sage graphite",
            "Three rings, one heart, no nagging.",
        ),
        Series(
            "Tide",
            "Ostrelle",
            "watch-round",
            "petrol graphite sand",
            "Knows the tides, the trails and the way back to the car.",
            120,
        ),
    ),
    tiers=(("S", 149), ("M", 229), ("Titan", 379)),
    by_tier={
        "screen-size": (1.2, 1.4, 1.5),
        "battery-days": (5, 9, 16),
        "weight": (34, 42, 51),
        "satellite": (False, True, True),
        "material": ("Aluminium", "Steel", "Titanium"),
    },
    by_series={
        "heart-rate": (True,),
        "water": ("5 bar", "10 bar"),
        "panel": ("OLED",),
        "bluetooth": ("5.3",),
        "charging": ("Magnetic",),
        "app": (True,),
        "warranty": (2, 3),
    },
    closings=(
        "{battery-days} days between charges, {weight} g on the wrist.",
        "{material}, {water}, and a screen of {screen-size} inches that stays on.",
    ),
    finishes_each=2,
)
BAND = Family(
    code="BAN",
    category="wearables",
    keywords="fitness tracker ring sleep",
    count=5,
    series=(
        Series(
            "Ribbon",
            "Solvinka",
            "band",
            "coral lilac cobalt graphite",
            "A slim band that counts steps and lets you keep the credit.",
        ),
        Series(
            "Halo",
            "Zephandre",
            "ring",
            "silver copper graphite",
            "Measures your sleep from your finger and has no screen to wake you.",
            350,
        ),
    ),
    tiers=(("2", 49), ("3", 79), ("3 Gold", 249)),
    by_tier={
        "battery-days": (10, 14, 8),
        "weight": (14, 17, 18),
        "satellite": (False, False, False),
        "material": ("Silicone", "Silicone and steel", "Titanium, plated"),
    },
    by_series={
        "wearing": ("On the wrist", "On the finger"),
        "heart-rate": (True,),
        "water": ("5 bar", "10 bar"),
        "bluetooth": ("5.2",),
        "charging": ("Magnetic", "Case"),
        "app": (True,),
        "connection": ("Bluetooth",),
        "warranty": (2,),
    },
    closings=("{weight} g, {water}, {battery-days} days without a charger.",),
    finishes_each=2,
)

FAMILIES = (PHONE, TABLET, WATCH, BAND)
