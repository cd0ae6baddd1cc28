#!/usr/bin/env bash
# Hands the images of reports/images.txt on to later jobs, as the output `images`.
#
#   hand-on.sh
set -euo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

[[ ${1:-} != --help ]] || { usage "$0" && exit 0; }
{ echo 'images<<END' && cat "$reports/images.txt" && echo END; } | tee -a "${GITHUB_OUTPUT:-/dev/null}"
