#!/usr/bin/env bash
# Starts the shop at its own domain on this server, or brings it up to date: looks at the settings,
# builds the images, migrates, replaces what has changed, and waits until https://DOMAIN answers.
#
#   one-server.sh [--check] [--no-dns]
#
#   --check    look at the settings, and touch nothing
#   --no-dns   do not ask whether the names have an address: this server sees another DNS
#
# The settings are in deploy/.env, which begins as a copy of deploy/public/example.env.
# Exit code: 0 the shop answers; 1 it does not, the last line says why; 2 refused, nothing touched.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
public=$root/deploy/public
# shellcheck source=SCRIPTDIR/steps/arguments.sh
source "$root/deploy/scripts/steps/arguments.sh"
export COMPOSE_FILE=compose.yaml:compose.public.yaml PYTHONPATH=$root

fail() {
    echo "Failed: $*" >&2
    exit 1
}

config() {
    local said
    if ! said=$(docker compose config --format json 2>&1 >"$work/config.json"); then
        grep -oE 'required variable .*' <<<"$said" | sort -u | sed 's/^/Refused: /' >&2 ||
            echo "$said" >&2
        exit 2
    fi
}

checks_only='' no_dns=()
for option in "$@"; do
    case $option in
        --check) checks_only=yes ;;
        --no-dns) no_dns=(--no-dns) ;;
        *) takes 0 "$option" ;;
    esac
done

cd "$root/deploy"
[[ -f .env ]] || refuse "deploy/.env is missing: cp deploy/public/example.env deploy/.env"
needs python3 "install Python 3.11 or newer"
docker compose version >/dev/null 2>&1 || refuse "docker compose is missing: install Docker"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
config
address=$(python3 -m deploy.public.check "${no_dns[@]}" <"$work/config.json") || exit 2
if [[ $checks_only ]]; then
    echo "The settings of $address are good."
    exit 0
fi

PROXY_FILES=$(cat "$public/Caddyfile" "$public/away.html" | sha256sum | cut -c1-12)
export PROXY_FILES
docker compose up --build --detach --wait ||
    fail "not everything has started: cd deploy; docker compose ps --all; docker compose logs NAME"
python3 -m deploy.public.answers "$address" ||
    fail "the shop runs, but not at $address: cd deploy; docker compose logs proxy"
