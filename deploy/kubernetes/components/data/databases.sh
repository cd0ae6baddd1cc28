#!/bin/sh
# Runs once, when the volume is empty: a database and a role for each service, closed to the others.
set -eu

for service in storefront product_service order_service; do
    variable=$(echo "$service" | tr '[:lower:]' '[:upper:]')_DATABASE_PASSWORD
    psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
        --set role="$service" --set password="$(cat "/run/secrets/postgres/$variable")" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"role" OWNER :"role";
REVOKE CONNECT ON DATABASE :"role" FROM PUBLIC;
SQL
done
