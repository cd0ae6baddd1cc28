"""Headphones and speakers."""

from __future__ import annotations

from product_service.demo.shop import Family, Series

HEADPHONES = Family(
    code="HEA",
    category="headphones",
    keywords="over-ear wireless bluetooth headset",
    count=12,
    series=(
        Series(
            "Brandung",
            "Möwenklang",
            "headphones",
            "graphite silver cobalt sand berry copper",
            "Named after the surf, and the only thing that can silence it.",
        ),
        Series(
            "Aria",
            "Zephandre",
            "headphones",
            "copper sand graphite silver",
            "Warm, wide and unhurried: headphones for whole albums.",
            125,
        ),
        Series(
            "Signal",
            "Kaldrith",
            "headset",
            "graphite ivory cobalt",
            "A headset that hears your team and leaves your keyboard out of it.",
        ),
        Series(
            "Stille",
            "Möwenklang",
            "headphones",
            "silver berry cobalt graphite",
            "Ninety per cent of the train stays outside.",
        ),
    ),
    tiers=(("One", 89), ("Plus", 179), ("Reference", 329)),
    by_tier={
        "noise-cancelling": (False, True, True),
        "play-time": (28, 38, 46),
        "weight": (228, 254, 281),
        "frequency": ("20 Hz - 20 kHz", "10 Hz - 22 kHz", "5 Hz - 40 kHz"),
        "warranty": (2, 3, 5),
    },
    by_series={
        "wearing": ("Over the ear",),
        "drivers": ("40 mm", "45 mm planar", "50 mm"),
        "bluetooth": ("5.3", "5.4"),
        "charging": ("USB-C, 10 min for 4 h",),
        "microphone": (True,),
        "material": ("Wool and steel", "Protein leather"),
        "app": (True, False),
    },
    closings=(
        "{play-time} hours on one charge, {weight} g on the head.",
        "{drivers} drivers reach from {frequency}.",
        "Ten minutes at the socket are enough for the evening.",
    ),
    finishes_each=2,
)
EARBUDS = Family(
    code="EAR",
    category="headphones",
    keywords="in-ear wireless bluetooth sport",
    count=12,
    series=(
        Series(
            "Muschel",
            "Möwenklang",
            "earbuds",
            "ivory sage coral lilac graphite",
            "A case like a shell, and two pearls that sound.",
        ),
        Series(
            "Whisper",
            "Zephandre",
            "earbuds",
            "graphite ivory lilac",
            "Small enough to forget, good enough to remember.",
            120,
        ),
        Series(
            "Stride",
            "Solvinka",
            "open-ear",
            "graphite cobalt coral",
            "Leaves the ear open, so you hear the music and the bicycle behind you.",
        ),
        Series(
            "Kernel",
            "Quendry",
            "earbuds",
            "sage graphite coral",
            "Simple earbuds at a simple price, with batteries that can be replaced.",
            65,
        ),
    ),
    tiers=(("Lite", 49), ("Air", 99), ("Pro", 189)),
    by_tier={
        "noise-cancelling": (False, True, True),
        "play-time": (6, 8, 9.5),
        "weight": (4.2, 4.8, 5.1),
        "bluetooth": ("5.2", "5.3", "5.4"),
        "warranty": (2, 2, 3),
    },
    by_series={
        "wearing": ("In the ear", "In the ear", "On the ear, open", "In the ear"),
        "drivers": ("10 mm", "11 mm", "15 mm air", "8 mm"),
        "water": ("IPX4", "IP55"),
        "frequency": ("20 Hz - 20 kHz",),
        "charging": ("USB-C", "USB-C and wireless"),
        "microphone": (True,),
        "app": (False, True),
    },
    closings=(
        "{play-time} hours in the ear, three more charges in the case.",
        "{weight} g each, {water}: rain is no excuse.",
    ),
    finishes_each=2,
)

ROOM = Family(
    code="SPK",
    category="speakers",
    keywords="bluetooth wireless sound radio",
    count=12,
    series=(
        Series(
            "Tümpel",
            "Möwenklang",
            "portable-speaker",
            "coral cobalt sage graphite",
            "Floats, plays on, and does not mind the ducks.",
        ),
        Series(
            "Küchenradio Föhr",
            "Brumwald",
            "kitchen-radio",
            "petrol coral ivory sage",
            "A real dial, a wooden front, and the weather forecast at seven.",
            115,
        ),
        Series(
            "Lantern",
            "Yelvik",
            "smart-speaker",
            "graphite ivory petrol coral",
            "Answers questions, dims the lamps, and forgets both when asked.",
            90,
        ),
        Series(
            "Rucksack",
            "Möwenklang",
            "portable-speaker",
            "sage graphite coral cobalt",
            "Hangs from a loop and fills a campsite up to the polite distance.",
        ),
    ),
    tiers=(("Mini", 59), ("Mid", 119), ("Grand", 229)),
    by_tier={
        "output": (10, 24, 60),
        "play-time": (12, 18, 24),
        "weight": (410, 860, 2100),
        "frequency": ("80 Hz - 18 kHz", "60 Hz - 20 kHz", "45 Hz - 20 kHz"),
    },
    by_series={
        "wearing": ("Carrying loop", "Handle", "Table", "Carrying loop"),
        "drivers": ("2 full-range", "1 woofer, 1 tweeter"),
        "bluetooth": ("5.3", "5.4"),
        "water": ("IP67", "None", "None", "IP65"),
        "material": ("Woven fabric", "Beech"),
        "charging": ("USB-C",),
        "microphone": (False, False, True),
        "app": (True, False),
        "warranty": (2, 3),
    },
    closings=(
        "{output} W and {play-time} hours of battery.",
        "{output} W of sound in {weight} g; two of them make stereo.",
    ),
    finishes_each=2,
)
HIFI = Family(
    code="HIF",
    category="speakers",
    keywords="hifi stereo home cinema television",
    count=8,
    series=(
        Series(
            "Waldhorn",
            "Brumwald",
            "shelf-speaker",
            "walnut graphite ivory",
            "A bookshelf speaker that makes the books worth moving.",
            110,
        ),
        Series(
            "Leinwand",
            "Möwenklang",
            "soundbar",
            "graphite silver walnut",
            "Makes whispered lines as clear as the explosions between them.",
        ),
        Series(
            "Kontor",
            "Brumwald",
            "shelf-speaker",
            "ivory walnut graphite",
            "Slim, serious, and at home on either side of a monitor.",
            92,
        ),
    ),
    tiers=(("II", 249), ("III", 399), ("Signature", 749)),
    by_tier={
        "output": (60, 120, 240),
        "weight": (4200, 5900, 9800),
        "frequency": ("55 Hz - 20 kHz", "45 Hz - 25 kHz", "32 Hz - 30 kHz"),
        "warranty": (3, 5, 10),
        "power": (18, 24, 36),
    },
    by_series={
        "drivers": ("1 woofer, 1 tweeter", "3.1 with subwoofer"),
        "app": (False, True),
        "connection": ("Line, optical", "HDMI eARC, optical"),
        "bluetooth": ("5.3",),
        "material": ("Solid walnut", "Aluminium"),
        "wearing": ("Shelf or stand", "Wall or table"),
    },
    closings=(
        "{output} W, {frequency}, and a cabinet that does not sing along.",
        "Plays from {connection}, or by Bluetooth {bluetooth} when nobody is listening closely.",
    ),
    finishes_each=1,
)

FAMILIES = (HEADPHONES, EARBUDS, ROOM, HIFI)
