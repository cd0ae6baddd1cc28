"""The last change of a cart, kept in the session so that it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from storefront import guests
from storefront.cart import actions
from storefront.cart.models import MAX_QUANTITY, CartLine
from storefront.clients.wanted import Wanted

UNDO = "cart_last_change"  # in the session


def last_change(request: HttpRequest) -> Any:
    """What the page offers to undo: `sentence` tells of it. None if there is nothing."""
    return request.session.get(UNDO)


def forget_undo(request: HttpRequest) -> None:
    request.session.pop(UNDO, None)


def keep_quantities(request: HttpRequest, before: Mapping[int, int], sentence: str) -> None:
    """Remember the quantities (by line id) that were there before a change."""
    request.session[UNDO] = {"quantities": list(before.items()), "sentence": sentence}


def keep_removed(request: HttpRequest, line: CartLine) -> None:
    request.session[UNDO] = {
        "sku": line.sku,
        "variant_id": line.variant_id,
        "quantity": line.quantity,
        "seen": line.seen,
        "sentence": f"{line.seen['name'] or line.sku} removed.",
    }


def undo_last_change(request: HttpRequest) -> None:
    """Take back the last change of quantities or the last removal; no second time."""
    kept = request.session.pop(UNDO, None)
    if kept is None:
        return
    subject = guests.ensure(request)
    if "seen" in kept:
        _put_back(request, subject, kept)
    else:
        actions.set_quantities(subject=subject, quantities=dict(kept["quantities"]))


def _put_back(request: HttpRequest, subject: str, kept: Mapping[str, Any]) -> None:
    """Put a removed line back, unless others have taken its place."""
    wanted = Wanted(kept["sku"], kept["quantity"], kept.get("variant_id"))
    try:
        actions.raise_line(
            subject=subject, wanted=wanted, seen=kept["seen"], most=MAX_QUANTITY, is_more=False
        )
    except actions.CartFull as full:
        name = kept["seen"]["name"] or wanted.sku
        messages.error(request, f"{full}, so {name} was not put back.")
