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
#
# Exit code: 0 done; 2 refused, nothing was touched; another one is PSQL's.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
data=$root/deploy/kubernetes/components/data
# shellcheck source=SCRIPTDIR/steps/arguments.sh
source "$root/deploy/scripts/steps/arguments.sh"

[[ ${1:-} != -* ]] || refuse_option "$1"
(($# >= 2)) || refuse "name the folder of the passwords and the command psql (see --help)"
[[ -d $1 ]] || refuse "there is no folder $1: make secrets writes deploy/secrets"
for service in STOREFRONT PRODUCT_SERVICE ORDER_SERVICE; do
    [[ -s $1/${service}_OWNER_DATABASE_PASSWORD ]] ||
        refuse "$1 has no ${service}_OWNER_DATABASE_PASSWORD: make secrets adds what deploy/secrets lacks"
done
needs "$2" "PSQL begins with a command that reaches the server (see --help)"
export SECRETS=$1 PSQL=${*:2} ROLES=$data/roles.sql RIGHTS=$root/chassis/rights.sql
exec sh "$data/databases.sh"
