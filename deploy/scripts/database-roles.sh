#!/usr/bin/env bash
# Gives each service's database its two roles, the owner of the tables, who migrates, and the runtime
# role, which serves; for data that is there. Safe to repeat, and beside a shop at work.
#
#   database-roles.sh SECRETS PSQL...
#
#   SECRETS  a folder with the owners' passwords, one file each, as `make secrets` writes it:
#            STOREFRONT_OWNER_DATABASE_PASSWORD, likewise PRODUCT_SERVICE, ORDER_SERVICE. Of a
#            service whose role is not there yet, STOREFRONT_DATABASE_PASSWORD as well
#   PSQL     how the administrator reaches the server:
#            kubectl --namespace techcommerce exec -i statefulset/postgres -- psql -U postgres
#            docker compose -f deploy/compose.yaml exec -T postgres psql -U postgres
#            psql --host HOST --username ADMINISTRATOR
#
# The administrator is a superuser, or a role with CREATEROLE and CREATEDB.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
data=$root/deploy/kubernetes/components/data
if (($# < 2)) || [[ $1 == -* ]]; then
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2
    exit 2
fi
export SECRETS=$1 PSQL=${*:2} ROLES=$data/roles.sql RIGHTS=$root/chassis/rights.sql
exec sh "$data/databases.sh"
