# Jobs that a deploy runs and waits for: the backup, the migrations, the overlay's chores.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts of deploy.sh share their variables

GRACE=30 # seconds after a Job's deadline

# backup: a Job of the nightly CronJob's making, while there is something to lose
backup() {
    [[ $overlay == production || $backup_first == yes ]] || return 0
    [[ -s $work/revisions ]] || return 0
    local name
    name=backup-$(date -u +%Y%m%d-%H%M%S)
    step "Backing up the databases (job/$name)"
    if k create job "$name" --from=cronjob/backup >/dev/null 2>"$work/error"; then
        wait_for_job "$namespace/job/$name"
    else
        because "$(tail -n 1 "$work/error")"
    fi
}

# run_jobs STAGE: one after another, for a shop that goes on selling on a small node needs the
# processors; one of that name from an earlier try is replaced
run_jobs() {
    local jobs job
    mapfile -t jobs < <(names_of Job "$1")
    for job in "${jobs[@]}"; do
        step "Running ${job#*/}"
        delete "$job" >/dev/null
        only "$job" "$1"
        apply_file "one/$1" && wait_for_job "$job" || return 1
    done
}

# only JOB STAGE: leaves that Job alone, out of those of the stage, in $work/one/STAGE.yaml
only() {
    mkdir -p "$work/one"
    awk -v name="${1##*/}" '
        function write() { if (index(text, "\n  name: " name "\n")) printf "---\n%s", text; text = "" }
        /^---$/ { write(); next }
        { text = text $0 "\n" }
        END { write() }
    ' "$work/$2.yaml" >"$work/one/$2.yaml"
}

# delete OBJECT... [OPTION...]: those that there are
delete() {
    local each options=()
    for each; do
        [[ $each != --* ]] || options+=("$each")
    done
    for each; do
        [[ $each == --* ]] || at "${each%%/*}" delete --ignore-not-found "${options[@]}" "${each#*/}"
    done
}

# wait_for_job JOB: until it is complete, or a pod of it has failed or can never begin. It has until
# its own deadline, and the cluster a moment to call it failed then.
wait_for_job() {
    local deadline patience=$patience
    deadline=$(at "${1%%/*}" get "${1#*/}" -o 'jsonpath={.spec.activeDeadlineSeconds}') || deadline=""
    [[ -z $deadline ]] || patience=$((deadline + GRACE))
    wait_for_all jobs,pods,events "$1"
}

# stop_migrations: none goes on behind a deploy that gave up; $stopped says which were under way
stop_migrations() {
    local jobs unfinished
    mapfile -t jobs < <(names_of Job migrations)
    if ! look jobs "${namespaces[@]}" >"$work/jobs.json"; then
        stopped="Migrations may still run. "
        return 0
    fi
    mapfile -t unfinished < <("$python" "$here/steps/states.py" "${jobs[@]}" <"$work/jobs.json" |
        sed -n 's/ unfinished$//p')
    ((${#unfinished[@]})) || return 0
    step "Deleting unfinished ${unfinished[*]#*/}"
    stopped="Deleted unfinished ${unfinished[*]#*/}. "
    delete --cascade=foreground --timeout=60s "${unfinished[@]}" >/dev/null ||
        stopped="STILL THERE, unfinished: ${unfinished[*]#*/}. "
}
