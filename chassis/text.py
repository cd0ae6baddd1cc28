"""What a line of text may hold that people type: names, streets, cities, e-mail addresses.

Two kinds of characters are told apart. FORBIDDEN ones break a line, control a terminal or turn
the direction of the text around, so that an address reads differently on a parcel. INVISIBLE ones
show nothing; they may stand in a text (Persian and Indic words, emoji and Hebrew need some of
them) but a text of nothing else is empty.

Source: Unicode 16, the general categories Cc, Cf, Zs, Zl and Zp, the property
Default_Ignorable_Code_Point, and the blank Braille pattern. A test holds the table against
Python's own.
"""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

# Parts of character classes, written for Python and JSON Schema alike. JSON Schema and Python spell
# what lies beyond U+FFFF differently, so the description leaves BEYOND out.
CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
DIRECTIONS = r"\u202a-\u202e\u2066-\u2069"  # embeddings, overrides, isolates and their ends
FORBIDDEN = CONTROLS + DIRECTIONS
INVISIBLE = (
    r"\x20\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680"
    r"\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u202f\u205f-\u2065\u206a-\u206f\u2800\u3000\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
)
BEYOND = (
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff"
)
LINE = rf"^[^{FORBIDDEN}]+$"
VISIBLE_LINE = rf"^[^{FORBIDDEN}]*[^{FORBIDDEN}{INVISIBLE}][^{FORBIDDEN}]*$"

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LETTER = r"A-Za-z\u00a1-\uffff"
_END = rf"[{_LETTER}0-9]"
_LABEL = rf"{_END}(?:[{_LETTER}0-9-]{{0,61}}{_END})?"
_TOP = rf"[{_LETTER}](?:[{_LETTER}0-9-]{{0,61}}{_END})"
EMAIL_MAX = 254  # RFC 5321, section 4.5.3.1
# A dot-string (RFC 5321), as browsers take it, at a public domain: no quoted local part, no IP
# address, and a dot in the domain, which may be written in any script.
EMAIL = (
    rf"^(?=[^@]{{1,64}}@)(?!.*[{FORBIDDEN}{INVISIBLE}])"
    rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_TOP}$"
)

_controls = re.compile(rf"[{CONTROLS}\ud800-\udfff]")
_directions = re.compile(f"[{DIRECTIONS}]")
_invisible = re.compile(f"[{INVISIBLE}{BEYOND}]*")
_email = re.compile(EMAIL)


def is_invisible(text: str) -> bool:
    """Whether there is nothing to see in `text`, though it may not be empty."""
    return _invisible.fullmatch(text) is not None


def validate_line(text: str) -> None:
    """Raise ValidationError if `text` holds a forbidden character."""
    if _controls.search(text):
        raise ValidationError("Leave out line breaks and control characters.", "invalid")
    if _directions.search(text):
        raise ValidationError(
            "Leave out the invisible characters that change the direction of text.", "invalid"
        )


def validate_email(text: str) -> None:
    """Raise ValidationError unless mail to the address `text` can leave this machine."""
    if not _email.fullmatch(text) or text.casefold().endswith(".localhost"):
        raise ValidationError("Enter an e-mail address like name@example.org.", "invalid")
