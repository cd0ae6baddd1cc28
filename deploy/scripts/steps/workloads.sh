# Deployments and StatefulSets: their revisions, the wait for them, the way back.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts of deploy.sh share their variables

SURE=5 # looks in a row that must find it hopeless: a registry or a scheduler may have hiccups

# note_revisions: lines of "workload revision" for what exists now
note_revisions() {
    look deployments,statefulsets,controllerrevisions "${namespaces[@]}" >"$work/before.json" ||
        refuse "the cluster does not answer"
    "$python" "$here/steps/states.py" "${statefulsets[@]}" "${deployments[@]}" \
        <"$work/before.json" >"$work/revisions"
    [[ ! -s $work/revisions ]] || step "Revisions to go back to: $(one_line <"$work/revisions")"
}

# wait_for WORKLOAD...: until each runs its newest revision, or one of them clearly cannot
wait_for() {
    (($#)) || return 0
    step "Waiting for ${*#*/}"
    wait_for_all deployments,statefulsets,replicasets,pods,events "$@"
}

# wait_for_all KINDS OBJECT...: asks the cluster for the kinds until the objects are done
wait_for_all() {
    local kinds=$1 until=$((SECONDS + patience)) hopeless=0 spaces
    shift
    mapfile -t spaces < <(printf '%s\n' "${@%%/*}" | sort -u)
    printf 'waiting\t%s\t-\tthe cluster did not answer\n' "$1" >"$work/verdict"
    while ((hopeless < SURE)); do
        if look "$kinds" "${spaces[@]}" >"$work/cluster.json"; then
            judge "$@" && return 0
            [[ $(cut -f1 "$work/verdict") == failed ]] && hopeless=$((hopeless + 1)) || hopeless=0
        fi
        ((SECONDS < until)) || break
        sleep "$poll_seconds"
    done
    explain
}

# judge OBJECT...: leaves "failed|waiting, object, pod, why" of the worst one in $work/verdict
judge() { "$python" "$here/steps/verdict.py" "$@" <"$work/cluster.json" >"$work/verdict"; }

# explain: the verdict as the reason of the failure, with the pod's last words
explain() {
    local object pod why words=""
    IFS=$'\t' read -r _ object pod why <"$work/verdict"
    [[ $pod == - ]] || words=$(last_words "${object%%/*}" "$pod")
    because "${object##*/}: $why${words:+; its last words: $words}"
}

# last_words NAMESPACE POD
last_words() {
    { at "$1" logs "$2" --previous --tail=20 || at "$1" logs "$2" --tail=20; } 2>/dev/null |
        grep -v '^[[:space:]]*$' | tail -n 1 | cut -c 1-400 || true
}

# undo: every workload to its revision, a new one away; $outcome says where the shop is now
undo() {
    if [[ ! -s $work/revisions ]]; then
        outcome="It was the first deploy: all is left as it is, to be looked at."
        return 0
    fi
    step "Undoing every workload"
    go_back && wait_for "${kept[@]}" && order &&
        outcome="Every workload is back at its revision, and the shop sells." ||
        outcome="THE SHOP IS NOT BACK: $(reason)."
}

go_back() {
    local workload revision stuck=""
    kept=()
    for workload in "${statefulsets[@]}" "${deployments[@]}"; do
        revision=$(awk -v wanted="$workload" '$1 == wanted { print $2 }' "$work/revisions")
        if [[ -z $revision ]]; then
            delete "$workload" || stuck+=" ${workload#*/}"
        else
            kept+=("$workload")
            at "${workload%%/*}" rollout undo "${workload#*/}" --to-revision "$revision" ||
                stuck+=" ${workload#*/}"
        fi
    done
    [[ -z $stuck ]] || because "could not be undone:$stuck"
}
