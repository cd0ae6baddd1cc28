"""What the page of an import shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from product_service.transfer.models import Import, ImportRow, Kind, Outcome, State

PER_PAGE = 100
SHOWN: dict[str, tuple[str, Q]] = {
    "error": ("Errors", Q(kind=Kind.ERROR)),
    "warnings": ("Warnings", ~Q(warnings=[])),
    "new": ("New", Q(kind=Kind.NEW)),
    "changed": ("Changed", Q(kind=Kind.CHANGED)),
    "left": ("Left as they are", ~Q(left=[])),
}
VERBS = {State.CHECKING: "checked", State.IMPORTING: "imported", State.UNDOING: "undone"}


@dataclass(frozen=True)
class Tile:
    name: str
    label: str
    count: int
    is_shown: bool


def context(request: HttpRequest, of: Import) -> dict[str, Any]:
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWN else ""
    rows = of.rows.filter(SHOWN[shown][1]) if shown else of.rows.all()
    return {
        "of": of,
        "job": of.job,
        "verb": VERBS.get(State(of.state), ""),
        "tiles": _tiles(of, shown),
        "unchanged": of.counts.get(Kind.UNCHANGED, 0),
        "to_import": of.counts.get(Kind.NEW, 0) + of.counts.get(Kind.CHANGED, 0),
        "errors": of.counts.get(Kind.ERROR, 0),
        "is_checked": of.state == State.CHECKED,
        "shown": shown,
        "page": Paginator(_ordered(rows), PER_PAGE).get_page(request.GET.get("p")),
        "finished": _finished(of),
    }


def _ordered(rows: QuerySet[ImportRow]) -> QuerySet[ImportRow]:
    return rows.order_by("number")


def _tiles(of: Import, shown: str) -> list[Tile]:
    counts = dict(of.counts)
    if of.state in (State.IMPORTED, State.UNDONE, State.IMPORTING, State.UNDOING):
        counts["left"] = of.rows.exclude(left=[]).count()
    return [
        Tile(name, label, counts.get(name, 0), name == shown)
        for name, (label, _) in SHOWN.items()
        if counts.get(name) or name in (Kind.NEW, Kind.CHANGED, Kind.ERROR)
    ]


def _finished(of: Import) -> str:
    """How it ended, in a sentence."""
    if of.state == State.UNDONE:
        return f"Undone: {of.rows.filter(outcome=Outcome.UNDONE).count()} rows."
    if of.state == State.IMPORTED:
        done = of.rows.filter(outcome__in=(Outcome.DONE, Outcome.PARTLY)).count()
        return f"Imported: {done} rows."
    return "Discarded. Nothing was changed." if of.state == State.DISCARDED else ""
