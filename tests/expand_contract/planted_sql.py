"""Migrations written by hand, each with the rules that refuse it; none where it is good."""

from __future__ import annotations

TABLE = "ALTER TABLE orders_orderline"
ADDED = f"{TABLE} ADD COLUMN gift int"
MADE = "CREATE TABLE parcel (id int, sku text)"
WRITES = "ban-new-write-restriction"
NOT_VALID = {"constraint-missing-not-valid", WRITES}
ROWS = {"rows-with-schema"}
HIDDEN = {"schema-in-code"}
FUNCTION = "CREATE FUNCTION fill() RETURNS void LANGUAGE {} AS $$ {} $$"

BY_HAND: dict[str, tuple[set[str], list[str]]] = {
    # a new column, and what comes with it
    "good_own_check": (set(), [f"{ADDED} CONSTRAINT few CHECK (gift >= 0 AND gift < 50)"]),
    "good_two_columns": (set(), [f"{ADDED} DEFAULT 0 NOT NULL, ADD b numeric(9, 2)"]),
    "column_and_check": (NOT_VALID, [f"{ADDED}, ADD CONSTRAINT few CHECK (quantity < 50)"]),
    "column_and_later_check": ({WRITES}, [f"{ADDED}, ADD CHECK (quantity < 50) NOT VALID"]),
    "column_and_exclusion": (NOT_VALID, [f"{ADDED}, ADD EXCLUDE USING gist (sku WITH =)"]),
    "column_and_key": (
        {"adding-foreign-key-constraint", *NOT_VALID},
        [f"{ADDED},\n ADD FOREIGN KEY (gift) REFERENCES product (id)"],
    ),
    "column_and_not_null": (
        {"adding-not-nullable-field", WRITES},
        [f"{ADDED} DEFAULT 0 NOT NULL, ALTER COLUMN image SET NOT NULL"],
    ),
    "check_of_others_too": ({WRITES}, [f"{ADDED} CHECK (gift IS NOT NULL OR quantity < 50)"]),
    "check_by_a_function": ({WRITES}, [f"{ADDED} CHECK (is_allowed(gift))"]),
    "unique_column": ({"disallowed-unique-constraint", WRITES}, [f"{ADDED} DEFAULT 0 UNIQUE"]),
    "column_in_small_letters": (
        {WRITES},
        [f"{ADDED} check (quantity > gift)".lower()],
    ),
    "now_and_another_default": (
        {"adding-field-with-default"},
        [f"{ADDED}, ADD a timestamptz DEFAULT (STATEMENT_TIMESTAMP()), ADD b uuid DEFAULT f()"],
    ),
    # a table made here
    "good_table_by_hand": (set(), [MADE, "ALTER TABLE parcel ADD CHECK (id > 0)"]),
    "table_in_use_leads_to_a_new_one": (
        {"adding-foreign-key-constraint", *NOT_VALID},
        [MADE, f"{TABLE}\n ADD FOREIGN KEY (sku)\n REFERENCES parcel (sku)"],
    ),
    "table_made_again": ({"ban-drop-table"}, ["DROP TABLE parcel", MADE]),
    "table_perhaps_made": (
        {"ban-drop-column"},
        ["CREATE TABLE IF NOT EXISTS parcel (id int)", "ALTER TABLE parcel DROP COLUMN sku"],
    ),
    # rows beside the schema
    "good_rows_in_a_block": (set(), ["DO $$ BEGIN UPDATE orders_orderline SET sku = 'a'; END $$"]),
    "good_words": (
        set(),
        [f"-- rows later;\n/* UPDATE */ {ADDED}", "COMMENT ON COLUMN x.y IS 'a; DELETE b'"],
    ),
    "rows_in_a_block": (ROWS, [ADDED, "DO $$ BEGIN UPDATE orders_orderline SET gift = 1; END $$"]),
    "rows_by_with": (
        ROWS,
        [ADDED, "WITH a AS (DELETE FROM orders_delivery RETURNING id) SELECT count(*) FROM a"],
    ),
    "rows_merged": (
        ROWS,
        [ADDED, "MERGE INTO orders_orderline a USING b ON a.id = b.id WHEN MATCHED THEN DELETE"],
    ),
    "rows_after_another_statement": (
        ROWS,
        [f"{ADDED}; update orders_orderline set gift = 1"],
    ),
    "rows_by_a_function": (
        ROWS,
        [FUNCTION.format("sql", "UPDATE orders_orderline SET gift = 1"), ADDED, "SELECT fill()"],
    ),
    "rows_by_a_procedure": (ROWS, [ADDED, "CALL fill()"]),
    "rows_copied": (ROWS, [ADDED, "CREATE TABLE b (id) AS SELECT id FROM orders_orderline"]),
    # schema where squawk does not look
    "schema_in_a_block": (HIDDEN, [f"DO $$BEGIN {TABLE} DROP COLUMN sku; END$$"]),
    "schema_as_text": (HIDDEN, ["DO $$ BEGIN EXECUTE format('DR' || 'OP TABLE %I', 'a'); END $$"]),
    "schema_by_a_function": (HIDDEN, [FUNCTION.format("sql", f"{TABLE} DROP COLUMN sku")]),
    "trigger_replaced": (
        {"new-trigger", "ban-replace-view-function"},
        [
            'create or replace trigger "a" before insert on orders_orderline'
            " for each row execute function refuse_change()"
        ],
    ),
}
