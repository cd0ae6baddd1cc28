"""The ledger of a stock item on its page: a chart of the last days and a table of movements.

    on hand of today, less what later days have added, gives the end of each day before

The chart is an SVG that is drawn here; the table below it says the same in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from product_service.inventory.models import StockItem, StockMovement

DAYS = 90
ROWS = 30  # of the table; the rest is a link away
WIDTH, HEIGHT = 640, 120  # of the plot, in the units of the drawing


def ledger(item: StockItem) -> SafeString:
    """Chart and table as HTML."""
    today = timezone.localdate()
    levels = _levels(item, today)
    return render_to_string(
        "admin/inventory/ledger.html",
        {
            "points": " ".join(_steps(levels)),
            "width": WIDTH,
            "height": HEIGHT,
            "from": today - timedelta(days=DAYS),
            "first": levels[0],
            "last": levels[-1],
            "least": min(levels),
            "most": max(levels),
            "days": DAYS,
            "rows": list(_rows(item)),
            "all": f"{reverse('admin:inventory_stockmovement_changelist')}"
            f"?stock_item__variant__id__exact={item.pk}",
            "number": item.version,
        },
    )


def _levels(item: StockItem, today: date) -> list[int]:
    """What was on hand at the end of each of the last days, the oldest first."""
    since = timezone.now() - timedelta(days=DAYS + 1)
    by_day = StockMovement.objects.filter(stock_item=item, at__gte=since).order_by()
    changes: Mapping[Any, int] = dict(
        by_day.annotate(day=TruncDate("at"))
        .values("day")
        .annotate(sum=Sum("d_on_hand"))
        .values_list("day", "sum")
    )
    level, levels = item.on_hand, []
    for ago in range(DAYS + 1):
        levels.append(level)
        level -= changes.get(today - timedelta(days=ago), 0)
    return levels[::-1]


def _steps(levels: Sequence[int]) -> Iterator[str]:
    """Corners of a line that stays level during a day."""
    top = max(*levels, 1)
    step = WIDTH / len(levels)
    for day, level in enumerate(levels):
        y = f"{HEIGHT - HEIGHT * max(level, 0) / top:.1f}"
        yield f"{day * step:.1f},{y}"
        yield f"{(day + 1) * step:.1f},{y}"


def _rows(item: StockItem) -> Iterator[tuple[StockMovement, int]]:
    """The last movements, each with what was on hand after it."""
    after = item.on_hand
    for movement in item.movements.order_by("-version")[:ROWS]:
        yield movement, after
        after -= movement.d_on_hand
