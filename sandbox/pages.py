"""The bank's page on which a shopper confirms a payment: plain HTML, no script."""

from __future__ import annotations

import re
from html import escape
from string import Template
from typing import Any

from chassis.money import Money

# No form-action: browsers apply it to the redirect back to the shop as well.
CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'"

WEB_ADDRESS = re.compile(r"https?://[\x21-\x7e]+")

STYLESHEET = """
:root { color-scheme: light dark; }
body { background: light-dark(#FBFBFC, #0F1115); color: light-dark(#14161C, #ECEEF3);
  font: 1rem/1.5 system-ui, sans-serif; margin: 10vh auto; max-width: 28rem;
  overflow-wrap: anywhere; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.15; }
dl { display: grid; gap: 4px 16px; grid-template-columns: auto 1fr; }
dt { color: light-dark(#4A5060, #B7BDCA); }
dd { margin: 0; }
form { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 24px; }
button { background: transparent; border: 1px solid light-dark(#7F8696, #747C8E);
  border-radius: 6px; color: inherit; cursor: pointer; font: inherit; min-height: 44px;
  padding: 8px 16px; }
button[value=confirm] { background: light-dark(#2B4BD8, #8FA5FF); border-color: transparent;
  color: light-dark(#FFFFFF, #0E1433); font-weight: 600; }
"""

PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>$title</title>
<link rel="stylesheet" href="/bank.css">
</head>
<body>
<main>
<h1>$title</h1>
<p>$sentence</p>
<dl><dt>Order</dt><dd>$reference</dd><dt>Amount</dt><dd>$amount $currency</dd></dl>
$action
</main>
</body>
</html>
""")

QUESTION = """<form method="post">
<button name="answer" value="confirm">Confirm payment</button>
<button name="answer" value="refuse">Decline</button>
</form>"""

TITLES = {
    "action_required": (
        "Confirm your payment",
        "Please confirm that you want to make this payment.",
    ),
    "authorized": ("Payment confirmed", "You can close this page."),
    "captured": ("Payment confirmed", "You can close this page."),
    "declined": ("Payment declined", "You were not charged."),
    "voided": ("Payment cancelled", "The shop withdrew its request. You were not charged."),
}


def confirm(row: dict[str, Any]) -> str:
    """The page for an authorization: a question while it is open, afterwards the result."""
    title, sentence = TITLES[row["status"]]
    is_open = row["status"] == "action_required"
    back = f'<p><a href="{escape(row["return_url"])}">Back to the shop</a></p>'
    return PAGE.substitute(
        title=title,
        sentence=sentence,
        reference=escape(row["reference"]),
        amount=str(Money.from_minor_units(row["amount"], row["currency"]).amount),
        currency=escape(row["currency"]),
        action=QUESTION if is_open else back if is_web_address(row["return_url"]) else "",
    )


def is_web_address(url: str | None) -> bool:
    """Whether a browser may be sent to `url`; a line break in it would forge headers."""
    return WEB_ADDRESS.fullmatch(url or "") is not None
