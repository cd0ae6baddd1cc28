"""What people type: nothing invisible, nothing that turns text around, and every script."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from django.core.exceptions import ValidationError

from chassis.forms import EmailField as EmailFormField
from chassis.forms import LineField
from chassis.shapes import Rule, WrongValue, email
from chassis.shapes import text as line
from chassis.text import FORBIDDEN, is_invisible

INVISIBLE = {
    "spaces": "   ",
    "no-break space": "\u00a0",
    "zero width space": "\u200b",
    "zero width joiners": "\u200c\u200d",
    "word joiner": "\u2060",
    "soft hyphen": "\u00ad",
    "byte order mark": "\ufeff",
    "hangul fillers": "\u3164\u115f\u1160\uffa0",
    "blank braille": "\u2800",
    "variation selectors": "\ufe0f\U000e0100",
    "grapheme joiner": "\u034f",
    "mongolian vowel separator": "\u180e",
    "khmer inherent vowel": "\u17b4",
    "ideographic space": "\u3000",
    "direction marks": "\u200e\u200f\u061c",
    "tags": "\U000e0001\U000e0041",
    "musical begin": "\U0001d173",
    "mixed": " \u200b\u3164 \u00ad",
}
FORBIDDEN_TEXTS = {
    "override": "Ada \u202eecalevoL",
    "embedding": "\u202aAda\u202c",
    "isolate": "Ada\u2066x\u2069",
    "line break": "Ada\nLovelace",
    "line separator": "Ada\u2028Lovelace",
    "escape": "\x1b[31mAda",
    "nul": "Ada\0",
    "c1 control": "Ada\x85Lovelace",
    "delete": "Ada\x7f",
}
NAMES = {
    "latin": "Jos\u00e9 N\u00fa\u00f1ez-O'Brien",
    "combining": "Jose\u0301",
    "arabic": "\u0645\u062d\u0645\u062f \u0639\u0644\u064a",
    "hebrew with a mark": "\u05d0\u05d3\u05d4 \u200f\u05dc\u05d0\u05d1\u05dc\u05d9\u05d9\u05e1",
    "persian with zwnj": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "hindi with zwj": "\u0915\u094d\u200d\u0937",
    "emoji family": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "heart": "\u2764\ufe0f",
    "flag of scotland": "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "korean": "\uae40\uc548\ub155",
    "soft hyphen in a word": "Lovel\u00adace",
    "one letter": "\u4f59",
    "punctuation": "c/o #5, 2. OG",
}
ADDRESSES = [
    "ada@example.org",
    "a.d-a+shop_1@mail.example.co.uk",
    "!#$%&'*/=?^`{|}~@example.org",
    "ada@b\u00fccher.example",
    "ada@xn--bcher-kva.example",
    "ada@\u4f8b\u3048.\u30c6\u30b9\u30c8",
    "a" * 64 + "@example.org",
    "ada@" + "b." * 123 + "org",  # 253 characters
]
NO_ADDRESSES = [
    "a",
    "a@",
    "@example.org",
    "a@localhost",
    "a@LOCALHOST",
    "a@shop.localhost",
    "a@localhost.",
    "a@example",
    "a@example.org.",
    "a@.example.org",
    "a@example..org",
    "a@-example.org",
    "a@example-.org",
    "a@example.123",
    "a@127.0.0.10",
    "a@[127.0.0.1]",
    "a@[::1]",
    '"a b"@example.org',
    '"a"@example.org',
    ".a@example.org",
    "a.@example.org",
    "a..b@example.org",
    "a b@example.org",
    "a@b@example.org",
    "\u00e4@example.org",
    "a\u200b@example.org",
    "a@exam\u200bple.org",
    "a@\u3164.org",
    "a@example\u202e.org",
    "a@exam\u00adple.org",
    "a@example.org\u2060",
    "a@example.org\nBcc: b@example.org",
    "a@example.org\0",
    "a" * 65 + "@example.org",
    "ada@" + "b." * 124 + "org",  # 255 characters
]


def of_a_body(rule: Rule, text: str) -> str:
    """The first code of a refusal, or ""."""
    try:
        rule.read(text)
    except WrongValue as refusal:
        return refusal.reasons[0][1]
    return ""


def of_a_form(field: LineField, text: str) -> str:
    try:
        field.clean(text)
    except ValidationError as refusal:
        return str(refusal.error_list[0].code)
    return ""


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE)
def test_a_text_that_shows_nothing_is_blank(text: str) -> None:
    assert of_a_body(line(120), text) == "blank"
    assert of_a_form(LineField(max_length=120), text) == "required"
    assert of_a_body(email(), text) == "blank"
    assert of_a_form(EmailFormField(), text) == "required"
    assert line(120, allow_blank=True).read(text) == ""
    assert LineField(required=False).clean(text) == ""


@pytest.mark.parametrize("text", FORBIDDEN_TEXTS.values(), ids=FORBIDDEN_TEXTS)
def test_a_text_that_breaks_or_turns_the_line_is_refused(text: str) -> None:
    assert of_a_body(line(120), text) == "invalid"
    assert of_a_form(LineField(max_length=120), text) != ""


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_every_script_is_taken_as_it_is(name: str) -> None:
    assert line(120).read(f" {name} ") == name
    assert LineField(max_length=120).clean(f" {name} ") == name


@pytest.mark.parametrize("address", ADDRESSES)
def test_mail_can_go_to(address: str) -> None:
    assert email().read(f" {address}".strip()) == address
    assert EmailFormField().clean(address) == address


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_mail_cannot_go_to(address: str) -> None:
    assert of_a_body(email(), address) in ("invalid", "max_length")
    assert of_a_form(EmailFormField(), address) != ""


def test_no_control_format_or_space_of_unicode_is_forgotten() -> None:
    forbidden = re.compile(f"[{FORBIDDEN}]")
    kinds = {"Cc", "Cf", "Zs", "Zl", "Zp"}
    unseen = [chr(code) for code in range(sys.maxunicode + 1)
              if unicodedata.category(chr(code)) in kinds]  # fmt: skip

    assert [each for each in unseen if not (is_invisible(each) or forbidden.match(each))] == []
