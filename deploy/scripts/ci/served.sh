#!/usr/bin/env bash
# Prints the commit whose images an overlay runs, as it is committed; HEAD before the first release.
#
#   served.sh [OVERLAY]
#
# OVERLAY is production unless another one is named. Its version (images/kustomization.yaml) names the
# commit, as version.sh has made it: 1.4.0 is the tag v1.4.0, 1.4.0-3-gabc1234 the commit abc1234.
#
# CI tries a new schema with two versions: with this one of production, which serves while a release is
# rolled out there, and with the commit before. No other one is tried: not those between the two, and not
# the one of staging, where that is older because its last deploys failed (served.sh staging names it,
# expand-contract.sh tries it).
#
# Exit code: 0 printed; 2 refused, there is no such commit here.
set -euo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

main() {
    takes 1 "$@"
    local overlay=${1:-production} file version name
    file=deploy/kubernetes/overlays/$overlay/images/kustomization.yaml
    [[ -f $root/$file ]] || refuse "there is no overlay $overlay that is released; staging and production are"
    version=$(sed -n 's/.*\[VERSION=\(.*\)\].*/\1/p' "$root/$file")
    [[ -n $version ]] || refuse "$file names no VERSION"
    name=refs/tags/v$version
    [[ $version != unreleased ]] || name=HEAD
    [[ ! $version =~ -g([0-9a-f]{7,40})$ ]] || name=${BASH_REMATCH[1]}
    git -C "$root" rev-parse --quiet --verify "$name^{commit}" ||
        refuse "$overlay runs $version, and no commit here has this name: fetch the whole history, or tag v$version"
}

main "$@"
