"""How the back offices write a day and a time: 29 Nov 2026, 18:52 CET (in the shop's zone)."""

DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j M Y, H:i T"
