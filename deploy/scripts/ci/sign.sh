#!/usr/bin/env bash
# Signs images by digest and proves that deploy.sh will accept them.
#
#   sign.sh [FILE]
#
# FILE has an image by digest a line (reports/images.txt). On GitHub the signature needs no key: it is
# that of the workflow, by its OpenID token. Who deploy.sh expects stands in the overlay staging,
# images/signatures.env. A bill of materials in reports/sbom-runtime.json is attested with each image.
#
# COSIGN is the command.
#
# Exit code: 0 all are signed as expected; 1 one is not; 2 refused.
set -euo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

main() {
    takes 1 "$@"
    read -ra cosign <<<"${COSIGN:-cosign}"
    needs "${cosign[0]}" "install cosign, or name it in COSIGN"
    expected=$root/deploy/kubernetes/overlays/staging/images/signatures.env
    local images image file=${1:-$reports/images.txt} sbom=$reports/sbom-runtime.json
    [[ -f $file ]] || refuse "there is no file $file: build.sh --push writes reports/images.txt"
    mapfile -t images <"$file"
    ((${#images[@]})) || refuse "$file names no image to sign"
    for image in "${images[@]}"; do
        [[ $image =~ @sha256:[0-9a-f]{64}$ ]] || refuse "$image is no image by digest; a tag can move"
    done
    for image in "${images[@]}"; do
        "${cosign[@]}" sign --yes "$image"
        [[ ! -s $sbom ]] || "${cosign[@]}" attest --yes --type cyclonedx --predicate "$sbom" "$image"
        verify "$image" || exit 1
    done
    printf '### Signed\n\n%s images by %s\n' "${#images[@]}" "$(setting IDENTITY)" | summary
}

# verify IMAGE: as deploy.sh will
verify() {
    "${cosign[@]}" verify --certificate-identity "$(setting IDENTITY)" \
        --certificate-oidc-issuer "$(setting ISSUER)" "$1" >/dev/null && return 0
    printf '%s\n' "$1 is signed, but not by $(setting IDENTITY): name the one that signs here" \
        "${GITHUB_WORKFLOW_REF:+(${GITHUB_SERVER_URL:-}/$GITHUB_WORKFLOW_REF) }in images/signatures.env of staging and production" >&2
    return 1
}

setting() { sed -n "s/^$1=//p" "$expected"; }

main "$@"
