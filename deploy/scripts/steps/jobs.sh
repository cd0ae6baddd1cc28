# Jobs that a deploy runs and waits for: the backup, the migrations, the overlay's chores.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts of deploy.sh share their variables

# backup: a Job of the nightly CronJob's making, while there is something to lose
backup() {
    [[ $overlay == production || $backup_first == yes ]] || return 0
    [[ -s $work/revisions ]] || return 0
    local name
    name=backup-$(date -u +%Y%m%d-%H%M%S)
    step "Backing up the databases (job/$name)"
    if k create job "$name" --from=cronjob/backup >/dev/null 2>"$work/error"; then
        wait_for_job "job/$name"
    else
        because "$(tail -n 1 "$work/error")"
    fi
}

# run_jobs STAGE: all at once; one of that name from an earlier try is replaced
run_jobs() {
    local jobs job
    mapfile -t jobs < <(names_of Job "$1")
    ((${#jobs[@]})) || return 0
    step "Running ${jobs[*]}"
    k delete --ignore-not-found "${jobs[@]}" >/dev/null
    apply_file "$1" || return 1
    for job in "${jobs[@]}"; do
        wait_for_job "$job" || return 1
    done
}

# wait_for_job JOB: until it is complete, or a pod of it has failed or can never begin
wait_for_job() {
    wait_for_all jobs,pods,events "$1"
}
