#!/bin/sh
# A database and two roles for each service, closed to the others, and where there is a password for it
# a role that copies the server for its backup. PostgreSQL runs it once, when the volume is empty; for
# data that is there deploy/scripts/database-roles.sh runs it.
#
# PSQL is how the administrator reaches the server, SECRETS the folder with the passwords, one file
# each, ROLES what is run in each database, RIGHTS what else. Passwords go through a pipe, where no
# list of processes shows them.
set -eu

psql=${PSQL:-psql --username $POSTGRES_USER}
secrets=${SECRETS:-/run/secrets/postgres}
roles=${ROLES:-/etc/databases/roles.sql}
services="storefront product_service order_service"

run() { $psql --quiet --set ON_ERROR_STOP=1 --file - "$@"; }

# password SERVICE_VARIABLE: as it stands in SQL; nothing where there is no such file
password() { [ ! -e "$secrets/$1" ] || sed "s/'/''/g" "$secrets/$1"; }

upper() { echo "$1" | tr '[:lower:]' '[:upper:]'; }

for service in $services; do
    file=$secrets/$(upper "$service")_OWNER_DATABASE_PASSWORD
    [ -s "$file" ] || { echo "$file is missing or empty" >&2 && exit 1; }
done
for service in $services; do
    # A database that is closed already opens to members of its roles.
    run --set service="$service" --dbname postgres <<'STATEMENTS'
SELECT format('CREATE DATABASE %I', :'service')
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service') \gexec
SELECT format('GRANT %I TO CURRENT_USER', rolname) FROM pg_roles
    WHERE rolname IN (:'service', :'service' || '_owner') AND NOT pg_has_role(oid, 'USAGE') \gexec
STATEMENTS
    name=$(upper "$service")
    {
        echo "SET shop.runtime = '$service';"
        echo "SET shop.password = '$(password "${name}_DATABASE_PASSWORD")';"
        echo "SET shop.owner_password = '$(password "${name}_OWNER_DATABASE_PASSWORD")';"
        cat "$roles" ${RIGHTS:+"$RIGHTS"}
    } | run --single-transaction --dbname "$service"
    echo "$service: ${service}_owner owns the tables, $service serves"
done

if [ -s "$secrets/BACKUP_DATABASE_PASSWORD" ]; then
    {
        echo "SELECT 'CREATE ROLE backup' WHERE NOT EXISTS ("
        echo "    SELECT FROM pg_roles WHERE rolname = 'backup') \\gexec"
        echo "ALTER ROLE backup LOGIN REPLICATION PASSWORD '$(password BACKUP_DATABASE_PASSWORD)';"
    } | run --single-transaction --dbname postgres
    echo "backup may copy the server"
fi
