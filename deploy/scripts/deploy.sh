#!/usr/bin/env bash
# Deploys an overlay and proves it with one real order; whatever fails, the workloads go back.
#
#   deploy.sh OVERLAY [--context NAME] [--yes] [--backup] [--timeout SECONDS]
#
#   OVERLAY     local, staging or production, or any folder with a kustomization.yaml
#   --context   the cluster, by its name in the kubeconfig (KUBE_CONTEXT does the same)
#   --yes       does not ask after showing what will change
#   --backup    backs the databases up first, as is always done on production
#   --timeout   seconds that each wait may take: databases, the pods (300); a Job has its deadline
#
# An overlay may have several namespaces: the shop's, where its storefront is, and its monitoring's.
#
# KUBECTL is the command to use, SHOP_URL where the order is placed (else the overlay's PUBLIC_URL),
# SMOKE_PRODUCT what is bought (else the first for sale), SMOKE_PAYMENT the token that pays for it,
# COSIGN the command that verifies signatures (staging and production).
#
#   render -> signed -> Secrets are there -> diff -> note revisions -> backup
#      -> foundation -> migrate -> apply -> wait -> order
#              |           |         |       |       |
#              +-----------+---- on any failure -----+
#         each workload back to its noted revision -> wait -> order again
#
# The foundation is what migrations and pods stand on: configuration, policies, databases. The
# schema is never rolled back, so a migration must suit the version before it too; one that is under
# way when a deploy gives up is stopped.
#
# Exit code: 0 the shop sells on the new version; 1 the deploy failed, the last line says why and
# where the shop is now; 2 refused before anything was touched.
set -euo pipefail
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE # a hook's: they would speak of another repository

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=SCRIPTDIR/steps/arguments.sh
source "$here/steps/arguments.sh"
overlays=$(cd "$here/.." && pwd)/kubernetes/overlays
read -ra kubectl <<<"${KUBECTL:-kubectl}"
read -ra cosign <<<"${COSIGN:-cosign}"
python=${PYTHON:-python3}
poll_seconds=${POLL_SECONDS:-2}
context=${KUBE_CONTEXT:-} overlay="" namespace="" namespaces=() patience=300 backup_first=no ask=yes stopped=""
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck source=SCRIPTDIR/steps/context.sh
source "$here/steps/context.sh"
# shellcheck source=SCRIPTDIR/steps/choose.sh
source "$here/steps/choose.sh"
# shellcheck source=SCRIPTDIR/steps/render.sh
source "$here/steps/render.sh"
# shellcheck source=SCRIPTDIR/steps/argocd.sh
source "$here/steps/argocd.sh"
# shellcheck source=SCRIPTDIR/steps/signatures.sh
source "$here/steps/signatures.sh"
# shellcheck source=SCRIPTDIR/steps/secrets.sh
source "$here/steps/secrets.sh"
# shellcheck source=SCRIPTDIR/steps/jobs.sh
source "$here/steps/jobs.sh"
# shellcheck source=SCRIPTDIR/steps/workloads.sh
source "$here/steps/workloads.sh"

main() {
    ((BASH_VERSINFO[0] >= 5)) || refuse "bash 5 is needed, this is $BASH_VERSION"
    read_arguments "$@"
    choose_overlay
    choose_context
    refuse_dirty_images
    render
    refuse_what_argo_cd_applies
    refuse_unsigned_images
    refuse_missing_secrets
    refuse_doubles
    show_diff
    confirm
    note_revisions
    backup || stop_early "backup: $(reason)"
    trap interrupted INT TERM HUP
    apply foundation || give_up "foundation: $(reason)"
    wait_for "${statefulsets[@]}" || give_up "$(reason)"
    run_jobs migrations || give_up "$(reason)"
    run_jobs chores || give_up "$(reason)"
    apply workloads || give_up "apply: $(reason)"
    wait_for "${statefulsets[@]}" "${deployments[@]}" || give_up "$(reason)"
    order || give_up "smoke test: $(reason)"
    trap - INT TERM HUP
    prune_configuration
    step "The shop sells: $shop_url"
}

# k: kubectl in the shop's namespace; at NAMESPACE: in that one; everywhere: where each object says
k() { at "$namespace" "$@"; }

at() { "${kubectl[@]}" --context "$context" --namespace "$@"; }

everywhere() { "${kubectl[@]}" --context "$context" "$@"; }

# look KINDS NAMESPACE...: what there is of them, as a JSON array of one List for each namespace
look() {
    local kinds=$1 each between="["
    shift
    for each; do
        printf '%s' "$between"
        at "$each" get "$kinds" -o json || return 1
        between=,
    done
    printf ']'
}

step() { printf '%(%H:%M:%S)T  %s\n' -1 "$*"; }

# because REASON: remembers why, in one line, and fails
because() {
    tr -s '[:space:]' ' ' <<<"$*" | sed 's/[. ]*$//' >"$work/reason"
    return 1
}

reason() { cat "$work/reason"; }

# order: buys one product as a shopper would. Under a trap a bare `return` would hand on the status
# of what was interrupted, here and in all that give_up calls.
order() {
    step "Placing one order at $shop_url"
    local choice=()
    [[ -z ${SMOKE_PAYMENT:-} ]] || choice+=(--payment "$SMOKE_PAYMENT")
    [[ -z ${SMOKE_PRODUCT:-} ]] || choice+=(--product "$SMOKE_PRODUCT")
    "$python" "$here/smoke.py" "$shop_url" "${choice[@]}" >"$work/smoke" 2>&1 &&
        sed 's/^/    /' "$work/smoke" && return 0
    sed 's/^/    /' "$work/smoke"
    because "$(tail -n 1 "$work/smoke")"
}

stop_early() {
    printf 'Failed: %s. Nothing was changed.\n' "$1" >&2
    exit 1
}

# interrupted: whoever read along may be gone with the terminal, and a word to nobody is an error
interrupted() {
    trap '' PIPE
    { printf '\n'; } 2>/dev/null || exec >/dev/null 2>&1
    give_up "interrupted"
}

# give_up REASON: back to where the shop was
give_up() {
    trap '' INT TERM HUP
    step "Failed: $1"
    stop_migrations
    undo
    printf 'Failed: %s. %s%s\n' "$1" "$stopped" "$outcome" >&2
    exit 1
}

main "$@"
