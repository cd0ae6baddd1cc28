-- What the runtime role may do in the database of its service: read and write rows, nothing else.
-- A table with a trigger named ..._append_only takes new rows and no other change, and what was
-- migrated can only be read. The owner of the tables runs it after each migration; it says first:
--   SET shop.runtime = 'the runtime role'
DO $$
DECLARE
    runtime text := current_setting('shop.runtime');
    relation regclass;
    rights text;
BEGIN
    FOR relation, rights IN
        SELECT c.oid, CASE
            WHEN c.relkind = 'S' THEN 'USAGE, SELECT'
            WHEN c.relname = 'django_migrations' THEN 'SELECT'
            WHEN EXISTS (
                SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname LIKE '%\_append\_only'
            ) THEN 'SELECT, INSERT'
            ELSE 'SELECT, INSERT, UPDATE, DELETE'
        END
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace
            AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
            AND pg_has_role(c.relowner, 'USAGE')
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, %I', relation, runtime);
        EXECUTE format('GRANT %s ON %s TO %I', rights, relation, runtime);
    END LOOP;
END $$;
