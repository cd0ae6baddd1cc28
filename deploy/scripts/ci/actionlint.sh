#!/usr/bin/env bash
# Checks the workflows with actionlint, which Go builds from its checksummed source.
#
#   actionlint.sh
#
# ACTIONLINT is the command; without it, Go is needed. The other checks of workflows (zizmor, their
# schemas) are part of `make test`.
#
# Exit code: that of actionlint, 0 for no finding; 2 refused.
set -euo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

VERSION=v1.7.12

takes 0 "$@"
if [[ -n ${ACTIONLINT:-} ]]; then
    needs "$ACTIONLINT" "name actionlint in ACTIONLINT, or leave it out where Go is"
else
    needs go "install Go 1.21 or newer, or name actionlint in ACTIONLINT"
fi
needs git "install git"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if [[ -z ${ACTIONLINT:-} ]]; then
    GOBIN=$folder go install "github.com/rhysd/actionlint/cmd/actionlint@$VERSION"
    ACTIONLINT=$folder/actionlint
fi
# It does not know yet that $/ is this repository's root, as ./ is (rhysd/actionlint#711).
mkdir "$folder/copy"
cp -R "$root/.github" "$folder/copy"
cd "$folder/copy"
git init --quiet
sed -i 's#uses: \$/#uses: ./#' .github/workflows/*.yml
"$ACTIONLINT"
