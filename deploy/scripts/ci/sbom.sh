#!/usr/bin/env bash
# Lists the Python packages of an image, with their hashes, as a CycloneDX bill of materials.
#
#   sbom.sh
#
# It is made of requirements/runtime.txt, which is all that the Dockerfile installs. What the base
# image brings along is listed by the attestation that build.sh lets buildx make.
#
# Exit code: 0 reports/sbom-runtime.json is written; 2 refused.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=SCRIPTDIR/report.sh
source "$here/report.sh"

takes 0 "$@"
bin=$("$here/tools.sh")
begin_report
"$bin/cyclonedx-py" requirements --output-reproducible --of JSON --mc-type application \
    --pyproject "$root/pyproject.toml" -o "$reports/sbom-runtime.json" "$root/requirements/runtime.txt"
printf '### Bill of materials\n\n%s Python packages in an image\n' \
    "$(grep -c '"purl"' "$reports/sbom-runtime.json")" | summary
