"""The quantities that a cart page sends, whichever of its buttons is pressed.

A page names each line by its id in `line`, and in `had` the quantity it was shown with. A quantity
that was not typed is left alone, since another tab may have changed it. `had` is empty for a field
that was typed into before and whose result is not on the page yet. Pages of releases before have
one `sku` instead of `line`, or no `had`; all their quantities count as typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest

from chassis.http import UpstreamError
from storefront import guests
from storefront.cart import actions, undoing
from storefront.cart.adding import only_left
from storefront.cart.forms import QuantityForm
from storefront.cart.models import CartLine
from storefront.clients import products
from storefront.clients.wanted import Wanted

NOT_HERE = "This product is not in your cart any more."


@dataclass(frozen=True)
class Wrong:
    """What was typed for a line and cannot be taken, and why."""

    typed: str
    error: str


@dataclass
class Kept:
    """What became of the quantities.

    `wrong` is by line id; under 0: a line that is not in the cart any more.
    """

    wrong: dict[int, Wrong] = field(default_factory=dict)
    is_capped: bool = False


def keep_typed(request: HttpRequest, *, but: CartLine | None = None) -> Kept:
    """Set the quantities that were typed, of all lines `but` one, to what is left at most.

    A notice says of which product fewer are left. Without an answer of product_service they are
    set as they were typed, and the cart says itself that nothing can be confirmed.
    """
    kept, changed = Kept(), list[tuple[CartLine, int]]()
    for line, typed in _typed(request):
        form = QuantityForm({"quantity": typed})
        if line is None:
            kept.wrong[0] = Wrong(typed, NOT_HERE)
        elif line == but:
            continue
        elif not form.is_valid():
            kept.wrong[line.pk] = Wrong(typed[:20], form.first_error)
        elif form.pieces != line.quantity or request.POST.get("take") == str(line.pk):
            changed.append((line, form.pieces))
    if changed:
        kept.is_capped = _set(request, changed)
    return kept


def chosen_line(request: HttpRequest, button: str) -> CartLine | None:
    """The line whose `button` was pressed, if it is still in the cart."""
    if button in request.POST:
        return _lines_by(request, "pk").get(request.POST[button])
    return _lines_by(request, "sku").get(request.POST.get("sku", ""))


def _typed(request: HttpRequest) -> list[tuple[CartLine | None, str]]:
    """Each quantity typed or pressed with its line, or with None if that is not in the cart."""
    if "line" in request.POST:
        named, lines = request.POST.getlist("line"), _lines_by(request, "pk")
    else:
        named, lines = [request.POST.get("sku", "")], _lines_by(request, "sku")
    quantities = request.POST.getlist("quantity")
    before = request.POST.getlist("had") or [""] * len(quantities)
    return [
        (lines.get(name), typed)
        for name, typed, had in zip(named, quantities, before, strict=False)
        if not had or typed != had or request.POST.get("take") == name
    ]


def _lines_by(request: HttpRequest, key: str) -> Mapping[str, CartLine]:
    return {str(getattr(line, key)): line for line in CartLine.objects.of(guests.known(request))}


def _set(request: HttpRequest, changed: Sequence[tuple[CartLine, int]]) -> bool:
    """Whether some line got fewer than were typed."""
    typed = {line.pk: quantity for line, quantity in changed}
    taken = typed | _less_left(request, changed)
    actions.set_quantities(subject=guests.ensure(request), quantities=taken)
    before = {line.pk: line.quantity for line, _ in changed if taken[line.pk] != line.quantity}
    if len(before) == 1:
        (line_id,) = before
        undoing.keep_quantities(request, before, f"Quantity changed to {taken[line_id]}.")
    elif before:
        undoing.keep_quantities(request, before, f"Quantities of {len(before)} products changed.")
    return taken != typed


def _less_left(request: HttpRequest, changed: Sequence[tuple[CartLine, int]]) -> dict[int, int]:
    """What is left, by line id, where that is less than was typed; the shopper is told."""
    wanted = [Wanted(line.sku, quantity, line.variant_id) for line, quantity in changed]
    try:
        quoted = products.quote(wanted)
    except UpstreamError:
        return {}
    less = {
        line.pk: one
        for (line, _), one in zip(changed, quoted, strict=True)
        if one.status == "less_left"
    }
    for one in less.values():
        messages.warning(request, only_left(str(one.name), one.available, one.available))
    return {line_id: one.available for line_id, one in less.items()}
