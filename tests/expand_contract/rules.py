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

from tests.expand_contract.places import Place, statements
from tests.expand_contract.statements import Statements

SQUAWK = Path(sys.executable).with_name("squawk")
REMOVED = "Stop using it in one release, remove it in the next; then it is an exception."
NEW = "Add the new one beside it, write both, move to it in the next release."
NOT_VALID = "AddConstraintNotValid, and ValidateConstraint in a migration of its own."
ALREADY = "Let the previous version keep to it already; then it is an exception."
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
    "ban-drop-not-null": "Let the previous version bear NULL already; then it is an exception.",
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
    "schema-in-code": "As a statement of the migration: no rule reads what DO or a function runs.",
}
RULES = INSTEAD | OURS


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


CREATE_TABLE = _pattern(r'^CREATE (?:UNLOGGED )?TABLE (?!IF\b)"?(\w+)"?')
CREATE_TRIGGER = _pattern(
    r'^CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER "?(\w+)"? .*?\bON "?(\w+)"?'
)
TABLES = _pattern(r'\b(?:TABLE|ON|REFERENCES) ?(?:IF EXISTS )?"?(\w+)"?')
SCHEMA = _pattern(
    r"^(?:ALTER|DROP|CREATE) (?:OR REPLACE |UNIQUE |UNLOGGED |CONSTRAINT |MATERIALIZED )*"
    r"(?:TABLE|INDEX|TRIGGER|VIEW|POLICY|RULE)\b|^LOCK\b"
)
# Whatever else a SELECT or a DO is there for, it may call a function that changes rows.
ROWS = _pattern(
    r"^(?:UPDATE|DELETE|INSERT|MERGE|TRUNCATE|COPY|WITH|SELECT|VALUES|DO|CALL|EXECUTE|EXPLAIN"
    r"|REFRESH|\()|^CREATE (?:\w+ )?TABLE [^(]*(?:\([^()]*\) )?AS\b|^CREATE MATERIALIZED\b"
)
CODE = _pattern(r"^(?:DO|CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE))\b")
SCHEMA_IN_CODE = _pattern(r"\b(?:ALTER|CREATE|DROP|GRANT|REVOKE|EXECUTE|REINDEX)\b")
NEW_COLUMN = _pattern(r'.*\bADD (?:COLUMN )?(?:IF NOT EXISTS )?"?(\w+)"? ')
OF_ITS_COLUMN = _pattern(r"^(?:CONSTRAINT \S+ )?(?:NOT NULL$|CHECK )")
IN_A_CHECK = {"AND", "OR", "NOT", "IS", "NULL", "IN", "BETWEEN"}


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
            if each["rule_name"] in INSTEAD:
                place = Place.of(Path(each["file"]).read_text(), each)
                if not _is_harmless(each["rule_name"], each["message"], place):
                    yield Finding(Path(each["file"]).stem, each["rule_name"], place.statement)


def _is_harmless(rule: str, message: str, place: Place) -> bool:
    tables = TABLES.findall(place.statement)
    if tables and _made(place.until).issuperset(tables):
        return rule != "syntax-error"
    if rule == "require-lock-timeout":  # nothing of the shop waits for the other locks
        locks = " lock operations" in message and "SHARE UPDATE EXCLUSIVE" not in message
        return not locks and not CREATE_TRIGGER.search(place.statement)
    if rule == "adding-field-with-default":  # Django's Now() does not vary by row
        return place.found == "(STATEMENT_TIMESTAMP())"
    return rule == "ban-new-write-restriction" and _is_of_its_column(place)


def _is_of_its_column(place: Place) -> bool:
    """Whoever does not know a new column breaks a constraint of it alone only where the column
    lacks a default, and for that there is `adding-required-field`."""
    column, constraint = NEW_COLUMN.match(place.before), OF_ITS_COLUMN.match(place.found)
    if column is None or constraint is None:
        return False
    words = re.findall(r"[^\W\d]\w*", place.found[constraint.end() :])
    return {word.upper() for word in words} <= {*IN_A_CHECK, column[1].upper()}


def _made(statements: Iterable[str]) -> set[str]:
    """Tables that nobody uses yet."""
    return {table for each in statements for table in CREATE_TABLE.findall(each)}


def _ours(one: Statements) -> Iterator[Finding]:
    sent = statements(one.sql)
    made = _made(sent)
    for each in sent:
        for trigger, table in CREATE_TRIGGER.findall(each):
            if table not in made:
                yield Finding(one.name, "new-trigger", f"CREATE TRIGGER {trigger} ON {table}")
        code = CODE.match(each)
        if code and SCHEMA_IN_CODE.search(each, code.end()):
            yield Finding(one.name, "schema-in-code", each)
    if one.is_atomic and any(map(SCHEMA.search, sent)):
        for each in ["RunPython"] * one.has_python + list(filter(ROWS.search, sent)):
            yield Finding(one.name, "rows-with-schema", each)
