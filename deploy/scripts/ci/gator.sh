#!/usr/bin/env bash
# Tries the policies with Gatekeeper's own engine: the suite of deploy/kubernetes/policy/gatekeeper,
# then every rendered overlay, in which nothing may be denied.
#
#   gator.sh
#
# GATOR is the command to use; without it gator is taken from PATH, and else built with Go in the
# version below, once, into ~/.cache (GATOR_FOLDER); the first time takes minutes.
#
# Exit code: 0 all is as it should be; 1 the last lines name what is not; 2 refused.
set -euo pipefail

module=github.com/open-policy-agent/gatekeeper/v3/cmd/gator
version=v3.23.1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
# shellcheck source=SCRIPTDIR/../steps/arguments.sh
source "$root/deploy/scripts/steps/arguments.sh"
policy=$root/deploy/kubernetes/policy/gatekeeper

main() {
    takes 0 "$@"
    gator=$(find_gator)
    echo "The suite:"
    "$gator" verify "$policy/suite.yaml"
    for overlay in "$root"/deploy/kubernetes/rendered/*.yaml; do
        echo "The overlay $(basename "$overlay" .yaml):"
        "$gator" test --filename "$policy/templates" --filename "$policy/constraints" --filename "$overlay"
        echo "nothing is denied"
    done
}

# Prints the command; builds it where there is none.
find_gator() {
    local folder=${GATOR_FOLDER:-$HOME/.cache/gator-$version}
    if [[ ${GATOR:-} ]]; then
        echo "$GATOR"
    elif command -v gator; then
        return
    elif [[ -x $folder/gator ]]; then
        echo "$folder/gator"
    elif command -v go >&2; then
        echo "Building gator $version" >&2
        GOBIN=$folder go install "$module@$version" >&2
        echo "$folder/gator"
    else
        refuse "neither gator nor Go is on PATH: install Go 1.21 or newer"
    fi
}

main "$@"
