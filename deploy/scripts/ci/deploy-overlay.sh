#!/usr/bin/env bash
# Deploys an overlay from a pipeline: finds the cluster, runs deploy.sh, tells people what it said.
#
#   deploy-overlay.sh OVERLAY [OPTION...]
#
# The cluster is the one of KUBECONFIG_TEXT, a kubeconfig with one context, or with EKS_CLUSTER the one
# of this name at AWS, with the role that the environment holds (aws is the command). Everything
# else is deploy.sh's: its options, its variables, its exit code.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=SCRIPTDIR/report.sh
source "$here/report.sh"

main() {
    local overlay=${1:-} context code=0
    takes 1 "${@:1:1}"
    [[ -n $overlay ]] || refuse "name the overlay: deploy-overlay.sh OVERLAY"
    read -ra kubectl <<<"${KUBECTL:-kubectl}"
    needs "${kubectl[0]}" "install kubectl, or name it in KUBECTL"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    export KUBECONFIG=$work/kubeconfig
    find_cluster
    context=$("${kubectl[@]}" config get-contexts -o name) || refuse "the kubeconfig cannot be read"
    [[ -n $context && $context != *$'\n'* ]] || refuse "the kubeconfig has not one context but: ${context//$'\n'/ }"
    begin_report
    "$here/../deploy.sh" "$overlay" --context "$context" --yes "${@:2}" 2>&1 |
        tee "$reports/deploy-$overlay.txt" || code=${PIPESTATUS[0]}
    {
        printf '### %s: exit code %s\n\n' "$overlay" "$code"
        printf '%s\n\n<details><summary>All that deploy.sh said</summary>\n\n```diff\n' \
            "$(tail -n 1 "$reports/deploy-$overlay.txt")"
        cat "$reports/deploy-$overlay.txt"
        printf '```\n</details>\n'
    } | summary >/dev/null
    return "$code"
}

find_cluster() {
    if [[ -n ${KUBECONFIG_TEXT:-} ]]; then
        (umask 077 && printf '%s\n' "$KUBECONFIG_TEXT" >"$KUBECONFIG")
        unset KUBECONFIG_TEXT
    elif [[ -n ${EKS_CLUSTER:-} ]]; then
        needs aws "install the command of AWS, or set KUBECONFIG_TEXT"
        aws eks update-kubeconfig --name "$EKS_CLUSTER" >/dev/null
    else
        refuse "no cluster: set the secret KUBECONFIG_TEXT or the variable EKS_CLUSTER of this environment (docs/releasing.md)"
    fi
}

main "$@"
