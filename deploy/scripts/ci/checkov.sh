#!/usr/bin/env bash
# Checkov over the rendered manifests and the Dockerfile; what it may pass over stands here with its
# reason, or beside the line of the Dockerfile.
#
#   checkov.sh [FILE...]
#
# FILE is a manifest to be judged as one of production's; without one, ours are judged. Checkov is
# installed by tools.sh into an environment of its own.
#
# Exit code: 0 nothing failed; 1 something did, and is listed; 2 refused.
set -euo pipefail

# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"
rendered=$root/deploy/kubernetes/rendered

skipped=(
    # CPU limits: a throttled pod answers late while the node idles. Memory limits equal requests.
    CKV_K8S_11
    # UID of 10000 or more: 1001 is the project's, and 999 owns the volumes of PostgreSQL and Redis.
    CKV_K8S_40
)
# shellcheck disable=SC2034  # judge takes its name
skipped_locally=(
    "${skipped[@]}"
    # Pull policy and digests: images are built and loaded where they run, so no registry has them.
    CKV_K8S_15
    CKV_K8S_43
)

main() {
    takes $# "$@"
    local each failed=0
    for each; do
        [[ -f $each ]] || refuse "there is no file $each: name manifests, or none for ours"
    done
    bin=$("$root/deploy/scripts/ci/tools.sh" checkov)
    if (($#)); then
        judge kubernetes skipped "$@"
        return
    fi
    judge kubernetes skipped "$rendered/staging.yaml" "$rendered/production.yaml" || failed=1
    judge kubernetes skipped_locally "$rendered/local.yaml" || failed=1
    judge dockerfile skipped "$root/deploy/Dockerfile" || failed=1
    return "$failed"
}

# judge FRAMEWORK LIST FILE...: LIST names the checks that are passed over
judge() {
    local framework=$1 files=()
    local -n passed_over=$2
    shift 2
    for each; do
        files+=(--file "$each")
    done
    "$bin/checkov" --framework "$framework" --quiet --compact --skip-download \
        --skip-check "$(IFS=,; echo "${passed_over[*]}")" "${files[@]}" || return 1
    printf '%s: nothing failed\n' "${@#"$root"/}"
}

main "$@"
