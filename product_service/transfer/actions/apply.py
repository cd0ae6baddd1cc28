"""Import what was checked. What somebody changed meanwhile is left as it is, and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import DataError, IntegrityError, transaction

from product_service.catalogue.cache import renewed_by_caller
from product_service.jobs import actions as jobs
from product_service.jobs.kinds import Step
from product_service.jobs.models import Job
from product_service.transfer import writing
from product_service.transfer.actions.ending import ENDS, settle, settle_rows
from product_service.transfer.actions.upload import work_if_small
from product_service.transfer.batches import Batch, leave
from product_service.transfer.columns import COLUMNS
from product_service.transfer.history import note
from product_service.transfer.models import Import, ImportRow, Kind, State
from product_service.transfer.renewing import Renewing
from product_service.transfer.rivals import last_to_change, last_to_count
from product_service.transfer.snapshot import texts_of_product

BATCH = 50
REFUSED = "The database refused it: something else has the same SKU, options or address by now."
GONE = "Its SKU is no longer there."


def apply(of: Import, *, user: Any) -> bool:
    """Begin; False if somebody was faster."""
    with transaction.atomic():
        is_first = Import.objects.filter(pk=of.pk, state=State.CHECKED).update(
            state=State.IMPORTING
        )
        if not is_first:
            return False
        of.refresh_from_db()
        total = of.counts.get(Kind.NEW, 0) + of.counts.get(Kind.CHANGED, 0)
        of.job = jobs.start(kind="import_apply", about=of.pk, user=user, total=total)
        of.save(update_fields=["job"])
        note(of, user, f"Imported: {total} rows. {of.note}".strip())
    work_if_small(of)
    return True


def begin(job: Job) -> Step:
    of = Import.objects.defer("content").get(pk=job.about or 0)
    rows = of.rows.filter(kind__in=(Kind.NEW, Kind.CHANGED)).order_by("number")
    renewing = Renewing()

    def step(job: Job) -> bool:
        batch = list(rows[job.done : job.done + BATCH])
        with renewed_by_caller():
            try:
                with transaction.atomic():
                    do(of, batch)
            except (IntegrityError, DataError):
                one_by_one(of, batch)
        job.done += len(batch)
        is_over = len(batch) < BATCH
        renewing.renew(is_last=is_over)
        if is_over:
            of.state = ENDS[State(of.state)]
            of.save(update_fields=["state"])
        return is_over

    return step


def one_by_one(of: Import, rows: Sequence[ImportRow]) -> None:
    """After a row was refused, so that it stops no other."""
    for row in rows:
        row.done, row.made, row.left = {}, "", []
        try:
            with transaction.atomic():
                do(of, [row])
        except (IntegrityError, DataError):
            row.done, row.made = {}, ""
            leave(row, "sku", REFUSED)
            settle_rows([row])


def do(of: Import, rows: Sequence[ImportRow]) -> None:
    batch = Batch(of, rows, reference=f"import:{of.pk}")
    new = [row for row in rows if row.kind == Kind.NEW and row.sku not in batch.known]
    if new:
        _make(batch, new)
    wanted = {row: _plan(batch, row) for row in rows if row not in new}
    _leave_rivals(batch, wanted)
    for row, changes in wanted.items():
        row.done = {name: list(texts) for name, texts in changes.items()}
    wanted |= {row: _of_product(batch, row) for row in new}
    batch.change({row: _without_stock(changes) for row, changes in wanted.items()})
    settle(of, rows)
    if refused := batch.book({row: _difference(row) for row in rows if "on_hand" in row.done}):
        settle_rows(refused)


def _difference(row: ImportRow) -> int:
    before, after = row.done["on_hand"]
    return int(after) - int(before or 0)


def _make(batch: Batch, rows: Sequence[ImportRow]) -> None:
    """Products that are missing, and the variants with their prices."""
    values = {row.sku: {name: texts[1] for name, texts in row.changes.items()} for row in rows}
    missing = {
        row.product: values[row.sku] for row in reversed(rows) if row.product not in batch.products
    }
    batch.products |= writing.make_products(missing, writing.categories_by_slug())
    made = writing.make_variants(
        {row.sku: (batch.products[row.product], values[row.sku]) for row in rows}
    )
    writing.change_prices({variant: values[sku] for sku, variant in made.items()})
    batch.look_up(made)
    for row in rows:
        row.made = "product" if row.product in missing else "variant"
        missing.pop(row.product, None)
        row.done = {name: list(texts) for name, texts in row.changes.items()}


def _plan(batch: Batch, row: ImportRow) -> dict[str, tuple[str, str]]:
    """What is still to be changed; what is otherwise than the check saw is noted as left."""
    if row.kind == Kind.NEW:
        leave(row, "sku", "Somebody else made this SKU meanwhile.")
        return {}
    if row.sku not in batch.known:
        leave(row, "sku", GONE)
        return {}
    now = batch.known[row.sku].texts
    changes = {name: (before, after) for name, (before, after) in row.changes.items()}
    for name, (before, after) in list(changes.items()):
        if name != "on_hand" and now[name] != before:
            del changes[name]
            if now[name] != after:
                row.left.append(
                    [name, f"{before or 'Empty'} when checked, {now[name] or 'empty'} now."]
                )
    return changes


def _leave_rivals(batch: Batch, wanted: Mapping[ImportRow, dict[str, tuple[str, str]]]) -> None:
    """Say who changed what is otherwise, and leave stock that a person counted meanwhile."""
    since = batch.of.checked_at
    if since is None:
        return
    known_rows = [row for row in wanted if row.sku in batch.known]
    variants = {row: batch.known[row.sku].variant for row in known_rows}
    who = last_to_change([each.product for each in variants.values()], since)
    counted = last_to_count([each.pk for each in variants.values()], since)
    for row, variant in variants.items():
        if row.left and (name := who.get(variant.product.pk)):
            row.left = [[column, f"{name} changed it. {text}"] for column, text in row.left]
        if "on_hand" in wanted[row] and variant.pk in counted:
            del wanted[row]["on_hand"]
            row.left.append(["on_hand", f"{counted[variant.pk]} changed the stock."])


def _without_stock(changes: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    return {name: texts for name, texts in changes.items() if name != "on_hand"}


def _of_product(batch: Batch, row: ImportRow) -> dict[str, tuple[str, str]]:
    """What a row that made a variant says of its product and is not so yet."""
    now = texts_of_product(batch.products[row.product])
    changes = {}
    for name, (before, after) in row.changes.items():
        if not COLUMNS[name].of_product or now[name] == after:
            continue
        if row.made == "product" or before in ("", now[name]):
            changes[name] = (now[name], after)
        else:
            leave(row, name, f"{before} when checked, {now[name] or 'empty'} now.")
    return changes
