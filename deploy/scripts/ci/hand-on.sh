#!/usr/bin/env bash
# Hands the images of reports/images.txt on to later jobs, as the output `images`.
#
#   hand-on.sh
#
# Exit code: 0 handed on; 2 refused, there is none.
set -euo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

takes 0 "$@"
[[ -s $reports/images.txt ]] || refuse "$reports/images.txt names no image: build.sh writes it"
{ echo 'images<<END' && cat "$reports/images.txt" && echo END; } | tee -a "${GITHUB_OUTPUT:-/dev/null}"
