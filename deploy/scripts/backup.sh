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
read -ra kubectl <<<"${KUBECTL:-kubectl}"
context="" namespace=""

main() {
    while (($#)); do
        case $1 in
            --context | --namespace) (($# > 1)) || usage ;;&
            --context) context=$2 && shift ;;
            --namespace) namespace=$2 && shift ;;
            *) usage ;;
        esac
        shift
    done
    [[ -z $namespace || -n $context ]] || { echo "Refused: --namespace goes with --context" >&2 && exit 2; }
    if [[ -z $context ]]; then
        cd "$here/../.." && exec "${PYTHON:-python3}" -m deploy.local backup
    fi
    namespace=${namespace:-techcommerce}
    in_cluster
}

in_cluster() {
    local job
    job=backup-$(date -u +%Y%m%d-%H%M%S)
    k get cronjob backup >/dev/null || exit 2
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

usage() {
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
    exit 2
}

main "$@"
