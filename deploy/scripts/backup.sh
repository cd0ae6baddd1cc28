#!/usr/bin/env bash
# Makes one base backup of the shop's PostgreSQL server and waits until it is whole.
#
#   backup.sh                                    the shop of `make run` (BACKUP_FOLDER names the folder)
#   backup.sh --context NAME [--namespace NAME]  that of a cluster (techcommerce), by its CronJob
#
# KUBECTL is the command to use. The steps are those of
# deploy/kubernetes/components/backup/backup.sh. Exit code: 0 a whole backup is there, 1 it failed, 2
# refused before anything was done.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=SCRIPTDIR/steps/arguments.sh
source "$here/steps/arguments.sh"
# shellcheck source=SCRIPTDIR/steps/context.sh
source "$here/steps/context.sh"
read -ra kubectl <<<"${KUBECTL:-kubectl}"
context="" namespace=""

main() {
    while (($#)); do
        case $1 in
            --context | --namespace) has_value "$@" ;;&
            --context) context=$2 && shift ;;
            --namespace) namespace=$2 && shift ;;
            *) takes 0 "$1" ;;
        esac
        shift
    done
    [[ -z $namespace || -n $context ]] || refuse "--namespace goes with --context"
    if [[ -z $context ]]; then
        needs "${PYTHON:-python3}" "install Python 3.11 or newer, or name it in PYTHON"
        cd "$here/../.." && exec "${PYTHON:-python3}" -m deploy.local backup
    fi
    namespace=${namespace:-techcommerce}
    in_cluster
}

in_cluster() {
    local job
    refuse_unknown_context
    job=backup-$(date -u +%Y%m%d-%H%M%S)
    k get cronjob backup >/dev/null || refuse_without_cronjob
    k create job "$job" --from=cronjob/backup
    wait_for_job "$job"
    k logs "job/$job" || true # whole it is
}

k() { "${kubectl[@]}" --context "$context" --namespace "$namespace" "$@"; }

# wait_for_job JOB: until it is complete; its last words and 1 if it failed
wait_for_job() {
    local state
    while true; do
        state=$(k get "job/$1" -o 'jsonpath={.status.conditions[?(@.status=="True")].type}')
        case $state in
            *Complete*) return 0 ;;
            *Failed*)
                k logs "job/$1" --tail=20 >&2 || true
                exit 1
                ;;
        esac
        sleep "${POLL_SECONDS:-2}"
    done
}

main "$@"
