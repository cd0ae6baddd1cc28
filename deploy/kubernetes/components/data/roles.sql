-- The two roles of one service: the owner of its tables, who migrates, and the runtime role, which
-- serves. Run in the service's database by a superuser, or by a role with CREATEROLE and CREATEDB,
-- which becomes a member of both. It may run again at any time: what the runtime role owns goes to
-- the owner, and a runtime role that is there keeps its password. It is told three things first:
--   SET shop.runtime = 'storefront'; SET shop.password = '...'; SET shop.owner_password = '...'
SET LOCAL lock_timeout = '5s'; -- rather try again than hold up a shop at work

DO $$
DECLARE
    runtime text := current_setting('shop.runtime');
    owner text := runtime || '_owner';
    name text;
    password text;
    is_new boolean;
    excess text;
BEGIN
    IF runtime = current_user THEN
        RAISE EXCEPTION 'run this as an administrator, not as %', runtime;
    END IF;
    FOR name, password IN VALUES
        (runtime, current_setting('shop.password')),
        (owner, current_setting('shop.owner_password'))
    LOOP
        is_new := NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name);
        IF is_new THEN
            EXECUTE format('CREATE ROLE %I', name);
        END IF;
        IF NOT pg_has_role(name, 'USAGE') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', name);
        END IF;
        -- Only what is there is taken away: to name an attribute, one must have it.
        SELECT concat_ws(' ',
            CASE WHEN rolsuper THEN 'NOSUPERUSER' END,
            CASE WHEN rolcreatedb THEN 'NOCREATEDB' END,
            CASE WHEN rolcreaterole THEN 'NOCREATEROLE' END,
            CASE WHEN rolreplication THEN 'NOREPLICATION' END,
            CASE WHEN rolbypassrls THEN 'NOBYPASSRLS' END)
            INTO excess FROM pg_roles WHERE rolname = name;
        EXECUTE format('ALTER ROLE %I LOGIN %s', name, excess);
        IF is_new OR name = owner THEN
            IF password = '' THEN
                RAISE EXCEPTION 'the role % needs a password', name;
            END IF;
            EXECUTE format('ALTER ROLE %I PASSWORD %L', name, password);
        END IF;
    END LOOP;

    IF pg_has_role(runtime, owner, 'MEMBER') THEN
        EXECUTE format('REVOKE %I FROM %I', owner, runtime);
    END IF;
    IF pg_has_role(runtime, owner, 'MEMBER') THEN
        RAISE EXCEPTION '% is a member of % by way of another role: revoke that first', runtime, owner;
    END IF;
END $$;

DO $$
DECLARE
    runtime text := current_setting('shop.runtime');
    owner text := runtime || '_owner';
    closed text;
BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO %I', current_database(), owner);
    EXECUTE format('REASSIGN OWNED BY %I TO %I', runtime, owner);
    EXECUTE format('REVOKE ALL ON SCHEMA public FROM PUBLIC, %I', runtime);
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', runtime);
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA public TO %I', owner);

    -- Everybody may enter a new database, and these two.
    FOR closed IN
        SELECT datname FROM pg_database
        WHERE datname IN ('postgres', 'template1', current_database())
            AND pg_has_role(datdba, 'USAGE')
    LOOP
        EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %I', closed, runtime);
    END LOOP;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), runtime);
END $$;
