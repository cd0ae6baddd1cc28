"""Prints the SQL of every migration as JSON, for statements.py.

It needs a connection, for Django quotes values with it, and no table.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator

import django
from django.db import connection
from django.db.migrations import Migration, RunPython
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from tests.expand_contract.planted import ATOMIC, NOT_ATOMIC
from tests.expand_contract.statements import Statements

SERVICES = ("storefront.", "product_service.", "order_service.")


def written() -> Iterator[Statements]:
    executor = MigrationExecutor(connection)
    state = ProjectState(real_apps=executor.loader.unmigrated_apps)
    leaves = executor.loader.graph.leaf_nodes()
    for migration, _ in executor.migration_plan(leaves, clean_start=True):
        one, state = _apply(migration, state)
        if type(migration).__module__.startswith(SERVICES):
            yield one
    for is_atomic, planted in ((True, ATOMIC), (False, NOT_ATOMIC)):
        for name, operations in planted.items():
            own = {"atomic": is_atomic, "operations": operations}
            migration = type("Planted", (Migration,), own)(name, "orders")
            yield _apply(migration, state.clone())[0]


def _apply(migration: Migration, state: ProjectState) -> tuple[Statements, ProjectState]:
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        after = migration.apply(state, editor, collect_sql=True)
    has_python = any(isinstance(each, RunPython) for each in migration.operations)
    name, sql = f"{migration.app_label}.{migration.name}", "\n".join(editor.collected_sql)
    return Statements(name, migration.atomic, has_python, sql), after


if __name__ == "__main__":
    django.setup()
    print(json.dumps([dataclasses.asdict(each) for each in written()]))
