"""Undo an import: give each value back that it changed, unless somebody has changed it since.

What it made cannot be deleted, because movements of stock name it: a variant is switched off, a
product removed. Stock is given back through the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import DataError, IntegrityError, transaction

from product_service.catalogue import actions as catalogue
from product_service.catalogue.cache import renewed_by_caller
from product_service.jobs import actions as jobs
from product_service.jobs.kinds import Step
from product_service.jobs.models import Job
from product_service.transfer.actions.ending import ENDS, keep, tell
from product_service.transfer.actions.upload import work_if_small
from product_service.transfer.batches import Batch, leave
from product_service.transfer.columns import COLUMNS
from product_service.transfer.history import note
from product_service.transfer.models import Import, ImportRow, Outcome, State
from product_service.transfer.renewing import Renewing

BATCH = 50
GONE = "Its SKU is no longer there."
REFUSED = "The database refused it: something else has these options by now."


def undo(of: Import, *, user: Any) -> bool:
    """Begin; False if somebody was faster. One that failed in the middle can be undone as well."""
    with transaction.atomic():
        locked = Import.objects.select_for_update().get(pk=of.pk)
        if not locked.may_be_undone:
            return False
        locked.state = State.UNDOING
        total = locked.rows.exclude(done={}).count()
        locked.job = jobs.start(kind="import_undo", about=of.pk, user=user, total=total)
        locked.save(update_fields=["state", "job"])
        note(locked, user, f"Undone: {total} rows.")
    work_if_small(locked)
    return True


def begin(job: Job) -> Step:
    """From the last row to the first: what a product was made for ends before it."""
    of = Import.objects.defer("content").get(pk=job.about or 0)
    rows = of.rows.exclude(done={}).exclude(outcome=Outcome.UNDONE).order_by("-number")
    renewing = Renewing()

    def step(job: Job) -> bool:
        batch = list(rows[:BATCH])
        with renewed_by_caller():
            try:
                with transaction.atomic():
                    _undo(of, batch)
            except (IntegrityError, DataError):
                _one_by_one(of, batch)
        job.done += len(batch)
        is_over = len(batch) < BATCH
        renewing.renew(is_last=is_over)
        if is_over:
            of.state = ENDS[State(of.state)]
            of.save(update_fields=["state"])
        return is_over

    return step


def _one_by_one(of: Import, rows: Sequence[ImportRow]) -> None:
    for row in rows:
        try:
            with transaction.atomic():
                _undo(of, [row])
        except (IntegrityError, DataError):
            row.left, row.outcome = [["sku", REFUSED]], Outcome.UNDONE
            row.save(update_fields=["left", "outcome"])


def _undo(of: Import, rows: Sequence[ImportRow]) -> None:
    batch = Batch(of, rows, reference=f"import-undo:{of.pk}")
    for row in rows:
        row.left, row.outcome = [], Outcome.UNDONE
    here = [row for row in rows if row.sku in batch.known]
    for row in rows:
        if row not in here:
            leave(row, "sku", GONE)
    wanted = {row: _back(batch, row) for row in here}
    batch.change(wanted)
    products = [batch.known[row.sku].variant.product for row in here if row.made == "product"]
    if products:
        catalogue.remove(products=products)
    keep(rows)
    changes = {row: {name: list(own[name]) for name in own} for row, own in wanted.items()}
    tell(of, changes)
    stock = {row: row.done["on_hand"] for row in here if "on_hand" in row.done}
    back = {row: int(before or 0) - int(after) for row, (before, after) in stock.items()}
    if refused := batch.book(back):
        keep(refused)


def _back(batch: Batch, row: ImportRow) -> dict[str, tuple[str, str]]:
    """By column what it is now and what it was; what is otherwise than the import left it stays."""
    now, back = batch.known[row.sku].texts, {}
    if row.made:
        back["active"] = (now["active"], "no")
    for name, (before, after) in row.done.items():
        is_own = bool(row.made) and not (row.made == "variant" and COLUMNS[name].of_product)
        if name == "on_hand" or is_own:
            continue
        if now[name] == after:
            back[name] = (after, before)
        elif now[name] != before:
            row.left.append([name, f"Changed since the import, to {now[name] or 'empty'}."])
    return back
