#!/usr/bin/env bash
# Names the images that an overlay runs, each once: ours and those of others.
#
#   images.sh OVERLAY
#
# Read from what is committed, so it needs no cluster. Images that were never released are left out.
#
# Exit code: 0 named; 2 refused.
set -euo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

rendered=$root/deploy/kubernetes/rendered/${1:-}.yaml
takes 1 "$@"
[[ -f $rendered ]] || refuse "there is no overlay '${1:-}'; local, staging and production are"
sed -nE 's/^[ -]*image: "?([^" ]+)"?$/\1/p' "$rendered" | { grep -vE 'sha256:0{64}' || true; } | sort -u
