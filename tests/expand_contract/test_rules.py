"""Each migration suits the version before it, or says why not; and the rules can be broken."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from deploy.local.folder import ROOT
from tests.expand_contract.exceptions import EXCEPTIONS
from tests.expand_contract.planted_sql import BY_HAND
from tests.expand_contract.rules import RULES, Finding, findings
from tests.expand_contract.statements import Statements, of_every_migration

GUIDE = ROOT / "docs" / "migrations.md"
PLANTED = {name: rules for name, (rules, _) in BY_HAND.items()} | {
    "check": {"constraint-missing-not-valid", "ban-new-write-restriction"},
    "check_not_valid": {"ban-new-write-restriction"},
    "constraint_removed": {"ban-drop-constraint"},
    "default_dropped": {"ban-drop-default"},
    "field_indexed": {"require-concurrent-index-creation"},
    "field_removed": {"ban-drop-column"},
    "field_renamed": {"renaming-column"},
    "foreign_key": {
        *("adding-foreign-key-constraint", "require-concurrent-index-creation"),
        "ban-new-write-restriction",
    },
    "function_replaced": {"ban-replace-view-function"},
    "good_database_default": set(),
    "good_index": set(),
    "good_index_removed": set(),
    "good_now": set(),
    "good_nullable": set(),
    "good_rows": set(),
    "good_table": set(),
    "good_validated": set(),
    "history_declared": {"new-trigger"},
    "index": {"require-concurrent-index-creation"},
    "index_removed": {"require-concurrent-index-deletion"},
    "model_removed": {"ban-drop-table"},
    "model_renamed": {"renaming-table"},
    "no_lock_timeout": {"require-lock-timeout"},
    "no_sql": {"syntax-error"},
    "not_null": {"adding-required-field"},
    "python_default": {"ban-drop-default"},
    "python_with_schema": {"rows-with-schema"},
    "right_taken": {"ban-revoke"},
    "rows_with_schema": {"rows-with-schema"},
    "set_not_null": {
        *("adding-not-nullable-field", "ban-new-write-restriction"),
        *("ban-drop-default", "rows-with-schema"),
    },
    "shortened": {"changing-column-type"},
    "table_that_leads_to_one_in_use": {"require-lock-timeout"},
    "type_changed": {"changing-column-type"},
    "unique": {
        *("constraint-missing-not-valid", "disallowed-unique-constraint"),
        "ban-new-write-restriction",
    },
    "unique_index": {"ban-new-write-restriction"},
    "volatile_default": {"adding-field-with-default"},
}


@pytest.fixture(scope="module")
def migrations() -> dict[str, Statements]:
    return of_every_migration()


@pytest.fixture(scope="module")
def found(migrations: dict[str, Statements]) -> dict[str, list[Finding]]:
    by_name = defaultdict(list)
    for each in findings(migrations.values()):
        by_name[each.migration].append(each)
    return by_name


def test_every_migration_suits_the_version_before(found: dict[str, list[Finding]]) -> None:
    planted = {f"orders.{name}" for name in PLANTED}
    allowed = {(each.migration, rule) for each in EXCEPTIONS for rule in each.rules}
    refused = [each for name in found.keys() - planted for each in found[name]]
    left = [str(each) for each in refused if (each.migration, each.rule) not in allowed]
    assert left == [], "\n".join([*left, "See docs/migrations.md."])


def test_no_exception_is_left_over(found: dict[str, list[Finding]]) -> None:
    used = {(each.migration, each.rule) for many in found.values() for each in many}
    for each in EXCEPTIONS:
        assert {rule for rule in each.rules if (each.migration, rule) not in used} == set(), each
        assert re.fullmatch(r"\d+\.\d+", each.since)
        assert each.reason


def test_planted_migrations_are_judged_by_their_rules(
    migrations: dict[str, Statements], found: dict[str, list[Finding]]
) -> None:
    names = [name for name in migrations if not re.match(r"\w+\.\d{4}_", name)]
    judged = {name: {each.rule for each in found[name]} for name in names}
    assert judged == {f"orders.{name}": rules for name, rules in PLANTED.items()}


def test_the_guide_tells_each_rule() -> None:
    told = re.findall(r"^\| `([a-z-]+)`", GUIDE.read_text(), re.MULTILINE)
    assert told == sorted(RULES)
