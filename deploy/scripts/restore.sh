#!/usr/bin/env bash
# Puts the shop's three databases back to one instant, from a base backup and the archived WAL.
#
#   restore.sh list|check TIME|TIME [--set-aside]         the stopped shop of `make run`
#   restore.sh --context NAME [--namespace NAME] list|check TIME|TIME [--sync-is-off]
#
#   list         from when to when one can restore
#   check TIME   whether it could be restored, and has the room; the shop goes on
#   TIME         with its zone, such as 2026-07-31T02:17:00Z, or latest
#   --set-aside  local: moves the data that are there to a folder beside them (a cluster always does)
#   --sync-is-off  Argo CD applies this namespace, and you have switched its automated sync off
#
# On a cluster the instant is checked while the shop sells. Then what writes is stopped, PostgreSQL is
# stopped, a Job restores its volume, and all of it starts again; if the Job fails, on the data of
# before. An interrupt ends the Job and starts all of it too. It needs an administrator of the
# namespace. KUBECTL is the command to use. The steps are those of
# deploy/kubernetes/components/backup/restore.sh; docs/backup.md says what to do next.
#
# Exit code: 0 the databases are of that instant, and the shop is ready; 1 failed, the last line says
# of when the databases are; 2 refused, nothing was touched.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=SCRIPTDIR/steps/arguments.sh
source "$here/steps/arguments.sh"
# shellcheck source=SCRIPTDIR/steps/context.sh
source "$here/steps/context.sh"
read -ra kubectl <<<"${KUBECTL:-kubectl}"
python=${PYTHON:-python3}
poll_seconds=${POLL_SECONDS:-2}
stop_seconds=${STOP_SECONDS:-180}   # until pods must have ended
ready_seconds=${READY_SECONDS:-600} # until PostgreSQL must be ready, and then the shop
context="" namespace="" order=restore target="" is_stopped=no sync_is_off=no
outcome="The databases are as they were."
writers='app.kubernetes.io/component in (web, worker)'

main() {
    local given=("$@") words=()
    while (($#)); do
        case $1 in
            --context | --namespace) has_value "$@" ;;&
            --context) context=$2 && shift ;;
            --namespace) namespace=$2 && shift ;;
            --set-aside) ;;
            --sync-is-off) sync_is_off=yes ;;
            -*) refuse_option "$1" ;;
            *) words+=("$1") ;;
        esac
        shift
    done
    read_words
    [[ -z $namespace || -n $context ]] || refuse "--namespace goes with --context"
    if [[ -z $context ]]; then
        needs "$python" "install Python 3.11 or newer, or name it in PYTHON"
        cd "$here/../.." && exec "$python" -m deploy.local restore "${given[@]}"
    fi
    namespace=${namespace:-techcommerce}
    in_cluster
}

# read_words: order and target
read_words() {
    if [[ ${words[0]:-} =~ ^(list|check)$ ]]; then
        order=${words[0]} words=("${words[@]:1}")
    fi
    [[ $order != list ]] || { takes 0 "${words[@]}" && return; }
    takes 1 "${words[@]}"
    target=${words[0]:-}
    [[ -n $target ]] || refuse "say the instant, such as 2026-07-31T02:17:00Z, or list (see --help)"
}

in_cluster() {
    needs "$python" "install Python 3.11 or newer, or name it in PYTHON"
    refuse_unknown_context
    k get cronjob backup >/dev/null || refuse_without_cronjob
    case $order in
        list) run_job restore-list list || exit 2 ;;
        check) run_job restore-check check "$target" || exit 2 ;;
        restore)
            refuse_what_argo_cd_starts
            run_job restore-check check "$target" || exit 2
            trap start EXIT
            trap interrupted INT TERM HUP
            stop
            run_job restore "$target" --set-aside || exit 1
            outcome="The databases are of $target."
            ;;
    esac
}

k() { "${kubectl[@]}" --context "$context" --namespace "$namespace" "$@"; }

step() { printf '%(%H:%M:%S)T  %s\n' -1 "$*"; }

# refuse_what_argo_cd_starts: its automated sync would scale up again what a restore has stopped
refuse_what_argo_cd_starts() {
    local id
    id=$(k get statefulset/postgres -o 'jsonpath={.metadata.annotations.argocd\.argoproj\.io/tracking-id}') || exit 2
    [[ -n $id && $sync_is_off == no ]] || return 0
    refuse "Argo CD applies this namespace, as its application ${id%%:*}, and would start in" \
        "the middle what a restore stops. Switch automated sync off (docs/gitops.md, Restoring" \
        "databases), then add --sync-is-off."
}

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
    local until=$((SECONDS + stop_seconds)) left
    while true; do
        left=$(k get pods --selector "$1,!batch.kubernetes.io/job-name" -o name) || left=unknown
        [[ -n $left ]] || return 0
        ((SECONDS < until)) || { echo "Failed: pods of $1 do not end." >&2 && exit 1; }
        sleep "$poll_seconds"
    done
}

# interrupted: whoever read along may be gone with the terminal, and a word to nobody is an error
interrupted() {
    trap '' INT TERM HUP PIPE
    { printf '\n'; } 2>/dev/null || exec >/dev/null 2>&1
    step "Interrupted"
    exit 1
}

# start: whatever fails, the rest is started; says of when the databases are, and what is not ready
start() {
    local code=$? trouble=""
    [[ $is_stopped == yes ]] || exit "$code"
    trap '' INT TERM HUP PIPE
    { printf ''; } 2>/dev/null || exec >/dev/null 2>&1
    set +e
    # In the foreground: the Job is gone when its pod is, and no other has the data then.
    if ! k delete job restore --ignore-not-found --cascade=foreground --timeout=300s >/dev/null; then
        echo "Failed: job/restore may still have the data, so PostgreSQL and the shop stay stopped." \
            "docs/backup.md, If it was cut off, says how to go on." >&2
        exit 1
    fi
    step "Starting PostgreSQL, then the shop"
    k scale --replicas=1 statefulset/postgres >/dev/null
    k rollout status statefulset/postgres --timeout="${ready_seconds}s" || trouble=" postgres"
    k rollout restart deployment/redis-cache >/dev/null
    start_writers
    k patch cronjob backup --patch '{"spec": {"suspend": false}}' >/dev/null || trouble+=" cronjob/backup"
    if [[ -n $trouble ]]; then
        echo "Failed: not ready:$trouble. $outcome If that is before a migration, their schema is too" \
            "old for these pods: deploy.sh OVERLAY migrates it (docs/backup.md, After a restore)." >&2
        exit 1
    fi
    ((code == 0)) || { echo "Failed. $outcome The shop is started." >&2 && exit "$code"; }
    step "Started. $outcome Next: docs/backup.md, After a restore"
}

# start_writers: with as many pods as before; caches forget what they know. trouble: what is not ready
start_writers() {
    local name count started=() until
    while read -r name count; do
        [[ -n $count ]] || continue
        started+=("$name")
        k scale --replicas="$count" "$name" >/dev/null && k annotate "$name" techcommerce/replicas- >/dev/null
    done < <(k get deployments --selector "$writers" \
        -o 'jsonpath={range .items[*]}deployment/{.metadata.name} {.metadata.annotations.techcommerce/replicas}{"\n"}{end}')
    [[ -z $trouble ]] || return 0 # without PostgreSQL none will be
    until=$((SECONDS + ready_seconds))
    for name in "${started[@]}"; do
        k rollout status "$name" --timeout="$((until > SECONDS ? until - SECONDS : 1))s" >/dev/null ||
            trouble+=" ${name#*/}"
    done
}

# run_job NAME ARGUMENTS...: restore.sh in a pod like that of the backup; with its output. It is
# called where `set -e` is off, so each step says itself what its failure means.
run_job() {
    local name=$1 state
    shift
    k delete job "$name" --ignore-not-found --cascade=foreground --timeout=300s >/dev/null || return 1
    state=$(k create job "$name" --from=cronjob/backup --dry-run=client -o json) || return 1
    state=$("$python" "$here/steps/restore_job.py" "$@" <<<"$state") || return 1
    [[ $name != restore ]] || outcome="The databases are of $target if a folder pgdata.before-... \
of just now lies beside the data, else as they were."
    k create -f - <<<"$state" >/dev/null || return 1
    step "Running job/$name: restore.sh $*"
    while true; do # a cluster that does not answer is asked again: kubectl says so each time
        if state=$(k get "job/$name" --ignore-not-found \
            -o 'jsonpath=is {.status.conditions[?(@.status=="True")].type}'); then
            case $state in
                *Complete*) break ;;
                *Failed*)
                    k logs "job/$name" >&2
                    outcome="The databases are as they were."
                    return 1
                    ;;
                "") echo "job/$name was deleted by somebody else." >&2 && return 1 ;;
            esac
        fi
        sleep "$poll_seconds"
    done
    k logs "job/$name" || true
}

main "$@"
