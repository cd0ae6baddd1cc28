#!/usr/bin/env bash
# Signs in to the registry that images are pushed to.
#
#   registry-login.sh
#
# REGISTRY is where they go, such as ghcr.io/acme or docker.io/acme; REGISTRY_USER and REGISTRY_TOKEN
# are who may. DOCKER is the command, or one that knows `login` as docker does.
set -euo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

[[ ${1:-} != --help ]] || { usage "$0" && exit 0; }
for name in REGISTRY REGISTRY_USER REGISTRY_TOKEN; do
    [[ -n ${!name:-} ]] || refuse "$name is not set (docs/releasing.md, Set up once)"
done
read -ra docker <<<"${DOCKER:-docker}"
printf '%s' "$REGISTRY_TOKEN" |
    "${docker[@]}" login "${REGISTRY%%/*}" --username "$REGISTRY_USER" --password-stdin
