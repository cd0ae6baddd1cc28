#!/bin/sh
# Dumps every database into a folder of its own, named by the time; a folder without the ending
# .part is whole: each dump's table of contents was read back and SHA256SUMS covers all.
set -eu
umask 077 # a dump holds everybody's addresses

kept_days=${KEPT_DAYS:-14}
started=$(date -u +%Y%m%dT%H%M%SZ)
folder=/backups/$started.part
mkdir "$folder"
cd "$folder"

dump() { # dump SERVICE URL
    PGPASSWORD=$(cat "/run/secrets/databases/$1")
    export PGPASSWORD
    pg_dump --format=custom --no-owner --file="$1.dump" "$2"
    pg_restore --list "$1.dump" >/dev/null
}

dump storefront "$STOREFRONT_DATABASE_URL"
dump product_service "$PRODUCT_SERVICE_DATABASE_URL"
dump order_service "$ORDER_SERVICE_DATABASE_URL"
sha256sum -- *.dump >SHA256SUMS
cd /backups
mv "$folder" "/backups/$started"
find /backups -mindepth 1 -maxdepth 1 -type d -mtime "+$kept_days" -exec rm -r {} +
cat "/backups/$started/SHA256SUMS"
echo "backup $started is whole"
