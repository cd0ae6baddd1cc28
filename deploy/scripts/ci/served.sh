#!/usr/bin/env bash
# Prints the commit whose images an overlay runs, as it is committed; HEAD before the first release.
#
#   served.sh [OVERLAY]
#
# OVERLAY is production unless another one is named. Its version (images/kustomization.yaml) names the
# commit, as version.sh has made it: 1.4.0 is the tag v1.4.0, 1.4.0-3-gabc1234 the commit abc1234.
#
# Exit code: 0 printed; 2 refused, there is no such commit here.
set -euo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

main() {
    [[ ${1:-} != --help ]] || { usage "$0" && exit 0; }
    local overlay=${1:-production} file version name
    file=deploy/kubernetes/overlays/$overlay/images/kustomization.yaml
    version=$(sed -n 's/.*\[VERSION=\(.*\)\].*/\1/p' "$root/$file") || refuse "there is no overlay $overlay"
    [[ -n $version ]] || refuse "$file names no VERSION"
    name=refs/tags/v$version
    [[ $version != unreleased ]] || name=HEAD
    [[ ! $version =~ -g([0-9a-f]{7,40})$ ]] || name=${BASH_REMATCH[1]}
    git -C "$root" rev-parse --quiet --verify "$name^{commit}" ||
        refuse "$overlay runs $version, and no commit here has this name: fetch the whole history, or tag v$version"
}

main "$@"
