"""Products that test the pages: by slug, the name and description they get instead."""

from __future__ import annotations

SPECIALS = {
    "mowenklang-leinwand-signature": (
        "Leinwand Signature 5.1.2 Wireless Surround System with Soundbar, Detachable Rear Speakers,"
        " Ten-Inch Subwoofer, Room Calibration Microphone, Voice Remote and Wall Brackets for Large"
        " Rooms",
        "The longest name in the shop, and the shortest set-up: plug in the bar, hang up the rest, "
        "clap once. The microphone measures the room and the remote finds itself.",
    ),
    "kaldrith-tactus-wireless": (
        "Tactus Wireless لوحة مفاتيح عربية",
        "A full-size board with Arabic legends. لوحة مفاتيح هادئة بحروف عربية واضحة، تعمل بالسلك "
        "وبدونه. The keys print both scripts, and the cable comes off for the road.",
    ),
    "taverlin-skizze-11-plus": (
        "Skizze 11 Plus מהדורה עברית",
        "A drawing tablet with a Hebrew handwriting keyboard. כותבים ומציירים מימין לשמאל, "
        "כמו על נייר. A pen and two spare tips are in the box.",
    ),
}
