#!/usr/bin/env bash
# Puts the shop's three databases back to one instant, from a base backup and the archived WAL.
#
#   restore.sh list|check TIME|TIME [--set-aside]         the stopped shop of `make run`
#   restore.sh --context NAME [--namespace NAME] list|check TIME|TIME
#
#   list         from when to when one can restore
#   check TIME   whether it could be restored; the shop goes on
#   TIME         with its zone, such as 2026-07-31T02:17:00Z, or latest
#   --set-aside  local: moves the data that are there to a folder beside them (a cluster always does)
#
# On a cluster the instant is checked while the shop sells. Then what writes is stopped, PostgreSQL is
# stopped, a Job restores its volume, and all of it starts again; if the Job fails, on the data of
# before. It needs an administrator of the namespace. KUBECTL is the command to use. The steps are
# those of deploy/kubernetes/components/backup/restore.sh; docs/backup.md says what to do next.
#
# Exit code: 0 the databases are of that instant; 1 failed, they are as they were; 2 refused.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
read -ra kubectl <<<"${KUBECTL:-kubectl}"
python=${PYTHON:-python3}
poll_seconds=${POLL_SECONDS:-2}
context="" namespace=techcommerce order=restore target="" is_stopped=no
writers='app.kubernetes.io/component in (web, worker)'

main() {
    local given=("$@")
    while (($#)); do
        case $1 in
            --context | --namespace) (($# > 1)) || usage ;;&
            --context) context=$2 && shift ;;
            --namespace) namespace=$2 && shift ;;
            list | check) order=$1 ;;
            --set-aside) ;;
            -*) usage ;;
            *) [[ -z $target ]] || usage && target=$1 ;;
        esac
        shift
    done
    [[ -n $target || $order == list ]] || usage
    if [[ -z $context ]]; then
        cd "$here/../.." && exec "$python" -m deploy.local restore "${given[@]}"
    fi
    in_cluster
}

in_cluster() {
    k get cronjob backup >/dev/null || exit 2
    case $order in
        list) run_job restore-list list || exit 2 ;;
        check) run_job restore-check check "$target" || exit 2 ;;
        restore)
            run_job restore-check check "$target" || exit 2
            trap start EXIT
            stop
            run_job restore "$target" --set-aside || exit 1
            ;;
    esac
}

k() { "${kubectl[@]}" --context "$context" --namespace "$namespace" "$@"; }

step() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*"; }

# stop: what writes, then PostgreSQL; the counts of pods are noted in annotations, in case we die
stop() {
    local name count
    step "Stopping what writes, then PostgreSQL"
    is_stopped=yes
    k patch cronjob backup --patch '{"spec": {"suspend": true}}' >/dev/null
    while read -r name count; do
        ((count > 0)) || continue
        k annotate --overwrite "$name" "techcommerce/replicas=$count" >/dev/null
        k scale --replicas=0 "$name" >/dev/null
    done < <(k get deployments --selector "$writers" \
        -o 'jsonpath={range .items[*]}deployment/{.metadata.name} {.spec.replicas}{"\n"}{end}')
    wait_until_gone "$writers"
    k scale --replicas=0 statefulset/postgres >/dev/null
    wait_until_gone app.kubernetes.io/name=postgres
}

wait_until_gone() { # wait_until_gone SELECTOR: finished pods of jobs do not count
    local until=$((SECONDS + 180))
    while [[ -n $(k get pods --selector "$1,!batch.kubernetes.io/job-name" -o name) ]]; do
        ((SECONDS < until)) || { echo "Failed: pods of $1 do not end." >&2 && exit 1; }
        sleep "$poll_seconds"
    done
}

# start: PostgreSQL, then what writes, with as many pods as before; caches forget what they know
start() {
    local name count
    [[ $is_stopped == yes ]] || return 0
    trap '' INT TERM HUP
    step "Starting PostgreSQL, then the shop"
    k scale --replicas=1 statefulset/postgres >/dev/null
    k rollout status statefulset/postgres --timeout=600s
    k rollout restart deployment/redis-cache >/dev/null || true
    while read -r name count; do
        [[ -n $count ]] || continue
        k scale --replicas="$count" "$name" >/dev/null
        k annotate "$name" techcommerce/replicas- >/dev/null
    done < <(k get deployments --selector "$writers" \
        -o 'jsonpath={range .items[*]}deployment/{.metadata.name} {.metadata.annotations.techcommerce/replicas}{"\n"}{end}')
    k patch cronjob backup --patch '{"spec": {"suspend": false}}' >/dev/null
    step "Started. Next: docs/backup.md, After a restore"
}

# run_job NAME ARGUMENTS...: restore.sh in a pod like that of the backup; with its output
run_job() {
    local name=$1 state
    shift
    k delete job "$name" --ignore-not-found --wait >/dev/null
    k create job "$name" --from=cronjob/backup --dry-run=client -o json |
        "$python" "$here/steps/restore_job.py" "$@" | k create -f - >/dev/null
    step "Running job/$name: restore.sh $*"
    while true; do
        state=$(k get "job/$name" -o 'jsonpath={.status.conditions[?(@.status=="True")].type}')
        [[ $state != *Complete* ]] || break
        if [[ $state == *Failed* ]]; then
            k logs "job/$name" >&2 || true
            return 1
        fi
        sleep "$poll_seconds"
    done
    k logs "job/$name"
}

usage() {
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
    exit 2
}

main "$@"
