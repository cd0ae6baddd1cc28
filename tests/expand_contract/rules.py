"""What a migration may not do because the version before it still serves, and what to do instead.

Most rules are squawk's, a linter that parses PostgreSQL's SQL; those it lacks are `OURS`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.expand_contract.statements import Statements

SQUAWK = Path(sys.executable).with_name("squawk")
REMOVED = "Stop using it in one release, remove it in the next; then it is an exception."
NEW = "Add the new one beside it, write both, move to it in the next release."
NOT_VALID = "AddConstraintNotValid, and ValidateConstraint in a migration of its own."
ALREADY = "Let the release before keep to it already; then it is an exception."
CONCURRENTLY = "atomic = False, and {} of django.contrib.postgres."

INSTEAD = {
    "adding-field-with-default": "A constant as db_default, or null=True and rows in batches.",
    "adding-foreign-key-constraint": NOT_VALID,
    "adding-not-nullable-field": f"A CHECK (... IS NOT NULL) first: {NOT_VALID}",
    "adding-required-field": "null=True or db_default: the version before does not fill it.",
    "adding-serial-primary-key-field": "A unique index made concurrently, then USING INDEX.",
    "ban-alter-generated-expression": NEW,
    "ban-concurrent-index-creation-in-transaction": "atomic = False, in a migration of its own.",
    "ban-disable-trigger": REMOVED,
    "ban-drop-column": REMOVED,
    "ban-drop-constraint": REMOVED,
    "ban-drop-default": "db_default: Django drops what `default` gave to the rows that are there.",
    "ban-drop-function": REMOVED,
    "ban-drop-generated-expression": NEW,
    "ban-drop-not-null": "Let the release before bear NULL already; then it is an exception.",
    "ban-drop-sequence": REMOVED,
    "ban-drop-table": REMOVED,
    "ban-drop-trigger": REMOVED,
    "ban-drop-type": REMOVED,
    "ban-drop-view": REMOVED,
    "ban-new-write-restriction": ALREADY,
    "ban-replace-view-function": "A new name; drop the old one a release later.",
    "ban-revoke": REMOVED,
    "ban-set-schema": NEW,
    "ban-truncate-cascade": "DELETE in batches, of rows that nobody reads any more.",
    "changing-column-type": NEW,
    "constraint-missing-not-valid": NOT_VALID,
    "disallowed-unique-constraint": "A unique index made concurrently, then UNIQUE USING INDEX.",
    "renaming-column": "Keep the name, with db_column. Or: " + NEW,
    "renaming-object": "Keep the names of indexes and constraints: code may name them.",
    "renaming-table": "Keep the name, with db_table.",
    "require-concurrent-index-creation": CONCURRENTLY.format("AddIndexConcurrently"),
    "require-concurrent-index-deletion": CONCURRENTLY.format("RemoveIndexConcurrently"),
    "require-concurrent-reindex": "REINDEX CONCURRENTLY.",
    "require-lock-timeout": "SET LOCAL lock_timeout = '2s' first: rather fail and be run again.",
    "syntax-error": "PostgreSQL would refuse it.",
    "transaction-nesting": "Leave BEGIN and COMMIT to Django.",
}
OURS = {
    "new-trigger": f"It may refuse what the version before writes, or take its rights. {ALREADY}",
    "rows-with-schema": "Rows in a migration of their own: a lock lasts until the end.",
}
RULES = INSTEAD | OURS


CREATE_TABLE = re.compile(r'^CREATE TABLE "?(\w+)"?', re.MULTILINE)
CREATE_TRIGGER = re.compile(r'CREATE (?:CONSTRAINT )?TRIGGER (\w+)[^;]*?\bON "?(\w+)"?')
TABLES = re.compile(r'\b(?:TABLE|ON|REFERENCES)(?: IF EXISTS)? "?(\w+)"?')
SCHEMA = re.compile(
    r"^\s*(?:ALTER|DROP|CREATE) (?:TABLE|UNIQUE INDEX|INDEX|TRIGGER)\b", re.MULTILINE
)
ROWS = re.compile(r"^\s*((?:UPDATE|DELETE FROM|INSERT INTO|TRUNCATE) [^;]*)", re.MULTILINE)


@dataclass(frozen=True)
class Finding:
    """A statement that breaks a rule."""

    migration: str
    rule: str
    statement: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.rule}\n    {self.statement}\n    {RULES[self.rule]}"


def findings(migrations: Iterable[Statements]) -> list[Finding]:
    """What is wrong with each, in the order of the statements."""
    given = list(migrations)
    found = [*_squawk(given), *(each for one in given for each in _ours(one))]
    return sorted(dict.fromkeys(found), key=lambda each: each.migration)


def _squawk(given: list[Statements]) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory() as folder:
        for one in given:
            text = f"BEGIN;\n{one.sql}\nCOMMIT;\n" if one.is_atomic else f"{one.sql}\n"
            (Path(folder) / f"{one.name}.sql").write_text(text)
        command = [str(SQUAWK), "--pg-version=17.0", "--reporter=json"]
        command += [f"--include={rule}" for rule in INSTEAD if rule != "syntax-error"]
        files = sorted(Path(folder).glob("*.sql"))
        done = subprocess.run([*command, *files], capture_output=True, text=True)
        for each in json.loads(done.stdout):
            text = Path(each["file"]).read_text()
            lines = text.splitlines()[each["line"] : each["line_end"] + 1]
            shown = " ".join(" ".join(lines).split())
            found = Finding(Path(each["file"]).stem, each["rule_name"], shown)
            made = set(CREATE_TABLE.findall(text))
            if found.rule in INSTEAD and not _is_harmless(found, each["message"], made):
                yield found


def _is_harmless(found: Finding, message: str, made: set[str]) -> bool:
    tables = TABLES.findall(found.statement)
    if tables and made.issuperset(tables):
        return found.rule != "syntax-error"
    if found.rule == "require-lock-timeout":  # nothing of the shop waits for the other locks
        locks = " lock operations" in message and "SHARE UPDATE EXCLUSIVE" not in message
        return not locks and not CREATE_TRIGGER.search(found.statement)
    if found.rule == "adding-field-with-default":  # Django's Now() does not vary by row
        return "DEFAULT (STATEMENT_TIMESTAMP())" in found.statement
    # Whoever does not know a new column breaks a rule of it only where it lacks a default.
    return found.rule == "ban-new-write-restriction" and " ADD COLUMN " in found.statement


def _ours(one: Statements) -> Iterator[Finding]:
    made = set(CREATE_TABLE.findall(one.sql))
    for trigger, table in CREATE_TRIGGER.findall(one.sql):
        if table not in made:
            yield Finding(one.name, "new-trigger", f"CREATE TRIGGER {trigger} ON {table}")
    if one.is_atomic and SCHEMA.search(one.sql):
        changed = ["RunPython"] * one.has_python + ROWS.findall(one.sql)
        for each in changed:
            yield Finding(one.name, "rows-with-schema", " ".join(each.split()))
