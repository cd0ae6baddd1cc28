#!/bin/bash
# Makes a data folder of PostgreSQL as it was at one instant, from a base backup and the WAL.
#
#   restore.sh TIME|latest [--set-aside]
#   restore.sh check TIME|latest     everything up to the copying; touches nothing
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
archive=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/archive.sh
account=${SERVER_ACCOUNT:-}
SEGMENT=$((16 * 1024 * 1024))
lock_seconds=${LOCK_SECONDS:-1800} # for a backup that is being made
server="" child="" unfinished=()
work=$(mktemp -d)
trap 'end' EXIT
trap 'exit 143' TERM # the first process of a pod ends by it only if it says so
trap 'exit 130' INT

main() {
    local order=restore target="" set_aside=no
    while (($#)); do
        case $1 in
            list | check) order=$1 ;;
            --set-aside) set_aside=yes ;;
            -*) usage ;;
            *) [[ -z $target ]] || usage && target=$1 ;;
        esac
        shift
    done
    [[ -n $target || $order == list ]] || usage
    [[ $order == list ]] || hold_backups
    [[ $order != restore ]] || finish_interrupted
    read_archive
    [[ $order != list ]] || { list && return; }
    read_target "$target"
    choose_base
    walk "$base"
    refuse_beyond_window
    [[ $order == check ]] || refuse_place
    [[ ! -d ${PGDATA:-} && $order == check ]] || refuse_small_volume # a cluster's check has no volume
    verify
    [[ $order != check ]] || { echo "Can be restored: ${target_text} from backup ${base##*/}" && return; }
    restore
}

usage() {
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
    exit 2
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

# --- what there is --------------------------------------------------------------------------------

# read_archive: bases (oldest first), changed (nanoseconds by name of an archived file)
bases=()
declare -A changed
read_archive() {
    local each time name
    for each in "$backups"/base/*Z; do
        [[ -s $each/label && -s $each/data/backup_manifest ]] && bases+=("$each")
    done
    ((${#bases[@]})) || refuse "there is no whole base backup in $backups/base"
    while read -r time name; do
        name=${name##*/}
        changed[${name%.gz}]=${time/./}
    done < <(find "$backups/wal" -maxdepth 1 -name '*.gz' -exec stat --format '%.9Y %n' {} +)
}

label() { sed -n "s/^$2: //p" "$1/label"; } # label BASE FIELD
ended() { date -d "$(label "$1" 'STOP TIME') +1 second" +%s%N; } # a label knows whole seconds
lsn() { echo $(((16#${1%/*} << 32) + 16#${1#*/})); }
shown() { date -u -d "@$(($1 / 1000000000))" +%Y-%m-%dT%H:%M:%SZ; } # shown NANOSECONDS

list() {
    local each target="" life
    read_life
    for each in "${bases[@]}"; do
        walk "$each"
        printf '%s  %6s  any instant from %s to %s%s\n' "${each##*/}" "$(du -sh "$each" | cut -f1)" \
            "$(shown "$(ended "$each")")" "$(shown "$until")" "${gap:+, then $gap is missing}"
    done
}

# walk BASE: segments (all it needs, in order), until (the instant that the last of them reaches),
# gap (the segment that is missing, if later ones are there), timeline (where it leads)
walk() {
    local number newest=-1 each prefix name
    read_timelines "$1"
    segments=() gap="" until=$(ended "$1")
    printf -v prefix %08X "$timeline"
    for each in "${!changed[@]}"; do # a segment is counted from 0: 256 of them have one middle part
        [[ $each == "$prefix"* && ${#each} == 24 ]] || continue
        number=$((16#${each:8:8} * 256 + 16#${each:16:8}))
        ((number <= newest)) || newest=$number
    done
    number=$((16#${start:8:8} * 256 + 16#${start:16:8}))
    while find_segment "$number"; do
        segments+=("$name")
        ((changed[$name] <= until)) || until=${changed[$name]}
        number=$((number + 1))
    done
    ((number > newest)) || gap=$name
}

# find_segment NUMBER: name, the file in which it should be; false if it is not archived. The segment
# in which a timeline ends is the first of the next too, which may not have been archived yet.
find_segment() {
    local each id end
    printf -v name '%08X%08X%08X' "$timeline" $(($1 / 256)) $(($1 % 256))
    [[ ! -v changed[$name] ]] || return 0
    for each in "${path[@]}"; do
        read -r id end <<<"$each"
        (($1 <= end)) || continue
        printf -v name '%08X%08X%08X' "$id" $(($1 / 256)) $(($1 % 256))
        [[ -v changed[$name] ]] && return 0
        (($1 == end)) || return 1
    done
    return 1
}

# read_life: life, the timeline that the server lived on at the target (without one, at the end): that of
# the newest file by then. A restore goes back, so a higher timeline may have begun after the target.
read_life() {
    local each id newest=0
    life=""
    for each in "${!changed[@]}"; do
        [[ $each =~ ^([0-9A-F]{8})([0-9A-F]{16}|[.]history)$ ]] || continue
        lived "${BASH_REMATCH[1]}" "${changed[$each]}"
    done
    for each in "${bases[@]}"; do
        id=$(label "$each" 'START WAL LOCATION') && id=${id#*file }
        lived "${id:0:8}" "$(ended "$each")"
    done
}

lived() { # lived TIMELINE NANOSECONDS
    [[ -z $target ]] || (($2 <= target)) || return 0
    (($2 > newest)) || return 0
    newest=$2 life=$((16#$1))
}

# read_timelines BASE: timeline, which is life if that comes from this backup, else the backup's own;
# path, the ones before it, oldest first: "TIMELINE SEGMENT", the segment being the one in which it ended
read_timelines() {
    local own stop id fork history before=() leads=no
    start=$(label "$1" 'START WAL LOCATION') && start=${start#*file } && start=${start%)}
    [[ $start =~ ^[0-9A-F]{24}$ ]] || refuse "${1##*/} does not say which WAL it needs"
    stop=$(label "$1" 'STOP WAL LOCATION') && stop=$(lsn "${stop%% *}")
    own=$((16#${start:0:8})) path=()
    timeline=$own
    printf -v history '%08X.history' "${life:-$own}"
    [[ -v changed[$history] ]] || return 0
    while read -r id fork _; do
        [[ $id =~ ^[0-9]+$ ]] || continue
        fork=$(lsn "$fork")
        ((id != own || fork < stop)) || leads=yes
        before+=("$id $((fork / SEGMENT))")
    done < <(gzip -dc "$backups/wal/$history.gz")
    [[ $leads == yes || $life == "$own" ]] || return 0
    timeline=$life path=("${before[@]}")
}

# --- what is wanted -------------------------------------------------------------------------------

# read_target TIME: target (nanoseconds; empty for the newest) and target_text
read_target() {
    target="" target_text=$1
    [[ $1 != latest ]] || return 0
    local day='[0-9]{4}-[0-9]{2}-[0-9]{2}' clock='[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?'
    [[ $1 =~ ^${day}[T\ ]$clock' '?(Z|[+-][0-9]{2}:?[0-9]{2})$ ]] ||
        refuse "'$1' is no time with a zone, such as 2026-07-31T02:17:00Z. $(window)"
    target=$(date -d "$1" +%s%N 2>/dev/null) || refuse "'$1' is no time. $(window)"
    ((target <= $(date +%s%N))) || refuse "$1 is in the future. $(window)"
}

window() { echo "Possible is:" && list; }

# choose_base: the newest that had ended by then and leads to the life of then
choose_base() {
    base=""
    local each is_early=yes
    read_life
    for each in "${bases[@]}"; do
        [[ -z $target ]] || (($(ended "$each") <= target)) || continue
        is_early=no
        read_timelines "$each"
        [[ $timeline != "$life" ]] || base=$each
    done
    [[ -n $base || $is_early == yes ]] ||
        refuse "no base backup leads to timeline $life, which the server lived on at $target_text. $(window)"
    [[ -n $base ]] || refuse "$target_text is before the end of the oldest base backup. $(window)"
}

refuse_beyond_window() {
    if [[ -n $gap && (-z $target || $target -gt $until) ]]; then
        refuse "the archive lacks $gap, and $target_text lies behind it. $(window)"
    fi
    [[ -z $target ]] || ((target <= until)) ||
        refuse "the archive does not reach $target_text (latest takes what there is). $(window)"
}

refuse_place() {
    local version tools
    : "${PGDATA:?}"
    [[ $PGDATA$backups$work != *[%\"\'\$\`\\]* ]] ||
        refuse "PostgreSQL's commands cannot name a folder with one of %, \", ', \$, \` and \\: $PGDATA, $backups, $work"
    version=$(<"$base/data/PG_VERSION") tools=$(pg_ctl --version)
    [[ $tools =~ \ ${version}[.a-z] ]] || refuse "${base##*/} is of PostgreSQL $version, and here is $tools"
    refuse_running
    [[ $set_aside == yes || ! -d $PGDATA || -z $(ls -A "$PGDATA") ]] ||
        refuse "$PGDATA is not empty: --set-aside moves what is there to $PGDATA.before-..."
}

refuse_running() {
    local pid=""
    [[ ! -f $PGDATA/postmaster.pid ]] || pid=$(head -n 1 "$PGDATA/postmaster.pid")
    [[ -z $pid || $(readlink "/proc/$pid/cwd") != "$(readlink -f "$PGDATA")" ]] ||
        refuse "a server works on $PGDATA (process $pid): stop it first"
}

# refuse_small_volume: the data and the WAL of one checkpoint, at most a GiB, come beside what is there
refuse_small_volume() {
    local folder=$PGDATA wal=${#segments[@]} need free
    until [[ -d $folder ]]; do folder=$(dirname "$folder"); done
    [[ ! -d $PGDATA ]] || folder=$(dirname "$PGDATA")
    need=$(($(du -sk "$base/data" | cut -f1) + (wal > 64 ? 64 : wal) * SEGMENT / 1024))
    free=$(df --output=avail --block-size=1K "$folder" | tail -n 1)
    ((need <= free)) || refuse "the volume of $PGDATA has $((free / 1024)) MiB free," \
        "and the restored data need $((need / 1024)) beside what is there: make it larger"
}

# verify: each byte of the backup by its checksum, and each segment that will be read
verify() {
    local each needed=()
    last=""
    pg_verifybackup --quiet "$base/data" >"$work/verify" 2>&1 ||
        refuse "${base##*/} is broken: $(head -n 3 "$work/verify" | tr '\n' ' ')"
    for each in "${segments[@]}"; do
        needed+=("$backups/wal/$each.gz") last=$each
        [[ -z $target ]] || ((changed[$each] < target)) || break
    done
    ((${#needed[@]})) || refuse "the archive lacks $start, which ${base##*/} begins with"
    gzip --test "${needed[@]}" 2>"$work/verify" || refuse "the archive is broken: $(grep -m 1 . "$work/verify")"
}

# --- doing it -------------------------------------------------------------------------------------

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

# finish_interrupted: a restore that was killed after its data took their place. Their folder has no
# other name any more, and they live on the timeline whose history waits to be archived.
finish_interrupted() {
    local history lives
    : "${PGDATA:?}"
    new=$PGDATA.restored
    [[ -d $new.archive/wal && ! -e $new ]] || return 0
    history=$(find "$new.archive/wal" -name '*.history.gz' | sort | tail -n 1)
    [[ -n $history ]] || return 0
    lives=$(pg_controldata "$PGDATA" | sed -n "s/^Latest checkpoint's TimeLineID: *//p")
    history=${history##*/} history=$((16#${history%%.*}))
    [[ $lives == "$history" ]] || return 0
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
${target:+recovery_target_time = '$target_text'}
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
