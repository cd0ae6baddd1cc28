#!/usr/bin/env bash
# Trivy: known vulnerabilities, secrets and unsafe configuration.
#
#   trivy.sh code            of the repository's files
#   trivy.sh image REF...    of images; nothing but their packages
#
# TRIVY is the command. Only what is high or critical and has a fix counts.
#
# Exit code: 0 nothing; 1 something, the summary says what; 2 refused.
set -euo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

read -ra trivy <<<"${TRIVY:-trivy}"
COUNTS=(--severity "HIGH,CRITICAL" --ignore-unfixed --exit-code 1 --format json --no-progress)
# What a developer's machine has besides the repository: environments, a running shop, its secrets.
SKIPPED=(--skip-dirs '**/.venv*' --skip-dirs .run --skip-dirs deploy/secrets --skip-dirs reports)

main() {
    local kind=${1:-} image code=0
    [[ $kind == code || $kind == image ]] || refuse "say what to scan, code or image, not '$kind' (see --help)"
    shift
    takes "$([[ $kind == code ]] && echo 0 || echo $#)" "$@"
    [[ $kind == code ]] || (($#)) || refuse "name the images (see --help)"
    needs "${trivy[0]}" "install Trivy, or name it in TRIVY"
    begin_report
    if [[ $kind == code ]]; then
        scan code fs --scanners vuln,secret,misconfig "${SKIPPED[@]}" "$root"
        return
    fi
    for image; do
        scan "$image" image --scanners vuln "$image" || code=1
    done
    return "$code"
}

# scan NAME COMMAND...: leaves reports/trivy-NAME.json
scan() {
    local report=$reports/trivy-${1//[^a-zA-Z0-9.]/-}.json code=0 name=$1
    shift
    "${trivy[@]}" "$1" "${COUNTS[@]}" --output "$report" "${@:2}" || code=1
    {
        printf '### Trivy: %s\n\n```\n' "$name"
        if [[ -s $report ]]; then
            "${trivy[@]}" convert --format table "$report"
        else
            echo "Trivy could not look at it."
        fi
        printf '```\n'
    } | summary
    return "$code"
}

main "$@"
