#!/bin/bash
# Makes a data folder of PostgreSQL as it was at one instant, from a base backup and the WAL.
#
#   restore.sh TIME|latest [--set-aside]
#   restore.sh check TIME|latest     everything up to the copying, beside the server; touches nothing
#   restore.sh list                  the base backups, and from when to when one can restore
#
#   TIME         with its zone: 2026-07-31T02:17:00Z, 2026-07-31T04:17:00+02:00
#   latest       up to the newest WAL in the archive
#   --set-aside  moves data that are there to PGDATA.before-..., for you to delete
#
# PGDATA is the folder, BACKUPS (/backups) what backup.sh and archive.sh filled. No server may run on
# PGDATA. The data are prepared and recovered beside it, and take its place when the instant is
# reached, so whatever fails, what was there stays. They begin a new timeline: the WAL of the former
# life stays in the archive, and the next base backup belongs to the new one. Started by root, it
# needs SERVER_ACCOUNT, the uid:gid of the server.
#
# Exit code: 0 PGDATA is of that instant; 1 failed, what was there is there (or it says that only the
# archive is not told yet); 2 refused.
set -euo pipefail
umask 077
backups=${BACKUPS:-/backups}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
archive=$here/archive.sh
account=${SERVER_ACCOUNT:-}
SEGMENT=$((16 * 1024 * 1024))
lock_seconds=${LOCK_SECONDS:-1800} # for a backup that is being made
server="" child="" unfinished=()
work=$(mktemp -d)
trap 'end' EXIT
trap 'exit 143' TERM # the first process of a pod ends by it only if it says so
trap 'exit 130' INT
# shellcheck source=deploy/kubernetes/components/backup/restore-window.sh
source "$here/restore-window.sh"
# shellcheck source=deploy/kubernetes/components/backup/restore-target.sh
source "$here/restore-target.sh"

main() {
    local order=restore target="" set_aside=no
    read_arguments "$@"
    [[ $order == list ]] || hold_backups
    if is_unfinished; then
        if [[ $order == restore ]]; then finish; else archives+=("$new.archive/wal"); fi
    fi
    read_archive
    [[ $order != list ]] || { list && return; }
    read_target "$target"
    choose_base
    walk "$base"
    refuse_beyond_window
    [[ $order == check ]] || refuse_place
    refuse_small_volume
    verify
    [[ $order != check ]] || { echo "Can be restored: ${target_text} from backup ${base##*/}" && return; }
    restore
}

# read_arguments: order, target, set_aside
read_arguments() {
    local each words=()
    for each; do
        case $each in
            --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" && exit 0 ;;
            --set-aside) set_aside=yes ;;
            -*) refuse "there is no option $each (see --help)" ;;
            *) words+=("$each") ;;
        esac
    done
    [[ ! ${words[0]:-} =~ ^(list|check)$ ]] || { order=${words[0]} && words=("${words[@]:1}"); }
    [[ $order == list ]] || { target=${words[0]:-} && words=("${words[@]:1}"); }
    ((${#words[@]} == 0)) || refuse "there is one argument too many, ${words[0]} (see --help)"
    [[ -n $target || $order == list ]] || refuse "say the instant, such as 2026-07-31T02:17:00Z, or list (see --help)"
}

refuse() {
    printf 'Refused: %s\n' "$*" >&2
    exit 2
}

fail() {
    printf 'Failed: %s.\n' "$*" >&2
    exit 1
}

# hold_backups: so that no backup that is made meanwhile deletes what we read
hold_backups() {
    [[ -d $backups ]] || refuse "there is no folder $backups"
    exec {lock}>>"$backups/lock"
    flock --shared --nonblock "$lock" && return
    echo "Waiting until the backup that is being made has ended"
    flock --shared --wait "$lock_seconds" "$lock" || refuse "a backup has been at it for $lock_seconds s"
}

# patiently COMMAND...: one that takes long, and ends with us (bash waits for a command before it
# looks at a signal, and a pod that is deleted is killed after half a minute)
patiently() {
    local code=0
    "$@" &
    child=$!
    wait "$child" || code=$?
    child=""
    return "$code"
}

# end: until the data have taken their place, what we made is of no use and fills PostgreSQL's volume
end() {
    [[ -z $child ]] || { kill "$child" && wait "$child"; } 2>/dev/null || true
    stop_server immediate || true
    rm -rf "$work" "${unfinished[@]}"
}

restore() {
    local began=$SECONDS aside=""
    new=$PGDATA.restored
    unfinished=("$new.archive" "$new")
    rm -rf "${unfinished[@]}" # of one that was killed
    mkdir -p "$(dirname "$PGDATA")" "$new" "$new.archive"
    echo "Copying backup ${base##*/}"
    patiently cp -a "$base/data/." "$new/"
    rm "$new/backup_manifest"
    touch "$new/recovery.signal"
    cp -p "$new/postgresql.auto.conf" "$work/auto.conf"
    cp "$archive" "$work/archive.sh" # the server may not come to where this one is
    settings >>"$new/postgresql.auto.conf"
    chmod 0700 "$new"
    [[ -z $account ]] || chown -R "$account" "$new" "$new.archive" "$work"
    echo "Replaying the WAL up to $target_text"
    recover
    cat "$work/auto.conf" >"$new/postgresql.auto.conf"
    stage
    sync -f "$new"
    refuse_server
    trap '' INT TERM HUP
    if [[ -d $PGDATA && -n $(ls -A "$PGDATA") ]]; then
        aside=$PGDATA.before-$(date -u +%Y%m%dT%H%M%SZ)
        mv "$PGDATA" "$aside"
    elif [[ -d $PGDATA ]]; then
        rmdir "$PGDATA"
    fi
    if ! mv -T "$new" "$PGDATA"; then
        [[ -z $aside ]] || mv -T "$aside" "$PGDATA"
        rm -f "$backups"/wal/*.part
        fail "the restored data cannot take the place of $PGDATA, which is as it was"
    fi
    unfinished=()
    sync -f "$(dirname "$PGDATA")"
    publish
    echo "$PGDATA is of $target_text, after $((SECONDS - began)) s. Its last change is of $(last_change)"
    [[ -z $aside ]] || echo "What was there is in $aside; delete it when the shop is right again"
}

# refuse_server: nobody may have started one meanwhile
refuse_server() {
    [[ -z ${PGHOST:-} ]] || ! pg_isready --quiet || refuse "a server runs on $PGHOST: stop it first"
    refuse_running
}

# stage: the new timeline's files go into the archive under names that mean nothing yet, since what
# can fail has to fail before the data take their place
stage() {
    local each
    for each in "$new.archive"/wal/*.gz; do
        cp -p "$each" "$backups/wal/${each##*/}.part" || fail "$backups takes no more; $PGDATA is as it was"
        sync "$backups/wal/${each##*/}.part"
    done
}

# publish: what was staged. Until it is done, the folder beside the data says that it has to be
publish() {
    local each
    for each in "$new.archive"/wal/*.gz; do
        mv "$backups/wal/${each##*/}.part" "$backups/wal/${each##*/}" || {
            echo "The data are restored, but $backups does not know their timeline: run this again" >&2
            exit 1
        }
    done
    sync -f "$backups/wal"
    rm -r "$new.archive"
}

# is_unfinished: whether a restore was killed after its data took their place. Their folder has no other
# name any more, and they live on the timeline whose history waits to be archived.
is_unfinished() {
    local history lives
    new=${PGDATA:-}.restored
    [[ -d ${PGDATA:-} && -d $new.archive/wal && ! -e $new ]] || return 1
    history=$(find "$new.archive/wal" -name '*.history.gz' | sort | tail -n 1)
    [[ -n $history ]] || return 1
    lives=$(pg_controldata "$PGDATA" | sed -n "s/^Latest checkpoint's TimeLineID: *//p")
    history=${history##*/} history=$((16#${history%%.*}))
    [[ $lives == "$history" ]]
}

finish() {
    echo "Finishing the restore before this one, which was interrupted"
    stage
    publish
}

# settings: of the recovery. What the new timeline writes is kept aside until the data take their
# place: a history in the archive would lead the next recovery onto a timeline that nobody lives on.
settings() {
    # shellcheck disable=SC2016 # the quotes are the file's
    cat <<END
listen_addresses = ''
unix_socket_directories = '$work'
shared_buffers = '64MB'
hot_standby = off
ssl = off
archive_mode = on
archive_command = 'BACKUPS="$new.archive" sh "$work/archive.sh" put "%p" "%f"'
restore_command = 'BACKUPS="$backups" sh "$work/archive.sh" get "%f" "%p"'
recovery_target_timeline = '$timeline'
recovery_target_action = promote
logging_collector = off
log_min_messages = log
log_destination = stderr
${target:+recovery_target_time = '$target_time'}
END
}

# recover: until the server has reached the instant, promoted itself and stopped. If nothing was
# committed after the instant, the end of the WAL is that instant, though PostgreSQL calls it an error.
recover() {
    : >"$work/log"
    [[ -z $account ]] || chown "$account" "$work/log"
    if ! run_server; then
        grep -q 'recovery ended before configured recovery target was reached' "$work/log" ||
            { tail -n 5 "$work/log" >&2 && fail "the recovery stopped; ${PGDATA} is as it was"; }
        sed -i '/^recovery_target_time/d' "$new/postgresql.auto.conf"
        [[ -z $account ]] || chown "$account" "$new/postgresql.auto.conf"
        run_server || { tail -n 5 "$work/log" >&2 && fail "the recovery stopped; ${PGDATA} is as it was"; }
    fi
    stop_server fast
    grep -qF "restored log file \"$last\" from archive" "$work/log" ||
        { grep -v ' LOG: ' "$work/log" | tail -n 5 >&2 || true; fail "the recovery never came to $last; ${PGDATA} is as it was"; }
}

# run_server: until it takes connections, which is after its promotion; false if it ended before.
# (pg_ctl would not wait: a server that replays says "standby" in its pid file, which is enough for it.)
run_server() {
    as_server postgres -D "$new" >>"$work/log" 2>&1 &
    server=$!
    while kill -0 "$server" 2>/dev/null; do
        [[ $(sed -n 8p "$new/postmaster.pid" 2>/dev/null) != ready* ]] || return 0
        sleep 0.1
    done
    server=""
    return 1
}

stop_server() {
    [[ -n $server ]] || return 0
    as_server pg_ctl stop --pgdata "$new" --mode "$1" --wait --timeout 600 --silent
    wait "$server"
    server=""
}

# as_server COMMAND...: PostgreSQL refuses to run as root
as_server() {
    if [[ -z $account ]]; then
        "$@"
    else
        (cd / && setpriv --reuid "${account%:*}" --regid "${account#*:}" --clear-groups "$@")
    fi
}

last_change() {
    local last
    last=$(sed -n 's/.*last completed transaction was at log time //p' "$work/log" | tail -n 1)
    echo "${last:-before the backup}"
}

main "$@"
