#!/bin/bash
# Makes one base backup of the whole PostgreSQL server, proves it, and deletes what is too old.
#
#   backup.sh
#
# The server is that of libpq's variables (PGHOST, PGUSER ...), as a role with REPLICATION; its
# password may lie in the file PGPASSWORD_FILE. BACKUPS is the folder (/backups):
#
#   base/20260731T021700Z/   a whole backup: data (with its manifest) and label (when it ended)
#   base/....part            one that is being made, or was killed
#   wal/                     the archive that the server fills; see archive.sh
#
# A backup counts when each file has the checksum of the manifest and the archive has its WAL. Kept
# are KEPT_DAYS (7) days: any instant of these can be restored, so the newest backup from before
# them is kept as well, and all WAL from the oldest backup on.
#
# Exit code: 0 a whole backup is there; 1 it failed, and left nothing; 2 refused: the server archives
# nothing, or the folder is another server's.
set -euo pipefail
umask 077
backups=${BACKUPS:-/backups}
kept_days=${KEPT_DAYS:-7}
archive_seconds=${ARCHIVE_SECONDS:-120} # until the archive must have the end of the backup
lock_seconds=${LOCK_SECONDS:-1800}      # for another backup that is being made
[[ -z ${PGPASSWORD_FILE:-} ]] || PGPASSWORD=$(<"$PGPASSWORD_FILE")
export PGPASSWORD=${PGPASSWORD:-}
part="" child=""
trap 'end' EXIT
trap 'exit 143' TERM # the first process of a pod ends by it only if it says so
trap 'exit 130' INT

main() {
    local name began=$SECONDS
    [[ ${1:-} != --help ]] || { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" && exit 0; }
    (($# == 0)) || { echo "Refused: backup.sh takes no argument, and not $1 (see --help)" >&2 && exit 2; }
    refuse_without_archive
    mkdir -p "$backups/base" "$backups/wal"
    exec {lock}>"$backups/lock"
    flock --wait "$lock_seconds" "$lock" || fail "another backup has been at it for $lock_seconds s"
    rm -rf "$backups"/base/*.part # killed: we hold the lock
    refuse_other_server
    (prune) || true # PostgreSQL's WAL needs the room that the copy takes
    name=$(date -u +%Y%m%dT%H%M%SZ)
    while [[ -e $backups/base/$name ]]; do sleep 0.2 && name=$(date -u +%Y%m%dT%H%M%SZ); done
    part=$backups/base/$name.part
    mkdir "$part"
    patiently pg_basebackup --pgdata="$part/data" --format=plain --wal-method=stream --checkpoint=fast \
        --manifest-checksums=SHA256 --label="$name" --no-password || fail "pg_basebackup failed"
    patiently pg_verifybackup --quiet "$part/data" || fail "the copy differs from its manifest"
    wait_for_archive "$part"
    sync "$part"/* && mv -T "$part" "$backups/base/$name" && sync "$backups/base"
    part=""
    echo "backup $name is whole: $(du -sh "$backups/base/$name" | cut -f1), $((SECONDS - began)) s"
    prune
    du -sh "$backups/base" "$backups/wal"
}

refuse_without_archive() {
    local mode
    mode=$(psql --no-psqlrc --no-password -At -c 'SHOW archive_mode' 'replication=true') ||
        fail "the server does not run, or has no role ${PGUSER:-backup} of this password (docs/backup.md)"
    [[ $mode != off ]] && return
    echo "Refused: the server archives no WAL (archive_mode is off): a backup of it could not be" \
        "restored to an instant." >&2
    exit 2
}

# refuse_other_server: WAL of two servers in one folder can be mixed up, and the empty one's base backup
# would be the newest
refuse_other_server() {
    local ours theirs newest
    newest=$(find "$backups/base" -maxdepth 1 -name '*Z' | sort | tail -n 1)
    [[ -n $newest ]] || return 0
    ours=$(psql --no-psqlrc --no-password -At -F ' ' -c 'IDENTIFY_SYSTEM' 'replication=true')
    theirs=$(pg_controldata "$newest/data" | sed -n 's/^Database system identifier: *//p')
    [[ ${ours%% *} != "$theirs" ]] || return 0
    echo "Refused: the backups in $backups are of another server (${newest##*/} of $theirs, this is" \
        "${ours%% *}). Restore this server from them, or give it an empty folder." >&2
    exit 2
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

# end: a copy that is not whole is of no use, and fills the volume that takes the WAL
end() {
    [[ -z $child ]] || { kill "$child" && wait "$child"; } 2>/dev/null || true
    [[ -z $part ]] || rm -rf "$part"
}

# wait_for_archive PART: for the last segment of the backup, and for the label that names its times
wait_for_archive() {
    local timeline start end until=$((SECONDS + archive_seconds)) label last
    read -r timeline start end < <(sed -n \
        's/.*"Timeline": \([0-9]*\), "Start-LSN": "\([^"]*\)", "End-LSN": "\([^"]*\)".*/\1 \2 \3/p' \
        "$1/data/backup_manifest" | tail -n 1)
    label=$(segment "$timeline" "$start").$(printf %08X $((16#${start#*/} % SEGMENT))).backup
    last=$(segment "$timeline" "$end")
    until [[ -e $backups/wal/$label.gz && -e $backups/wal/$last.gz ]]; do
        ((SECONDS < until)) || fail "after $archive_seconds s the archive still lacks $last: archiving stands still"
        sleep 0.5
    done
    gzip -dc "$backups/wal/$label.gz" >"$1/label"
}

SEGMENT=$((16 * 1024 * 1024))
segment() { # segment TIMELINE LSN: the name of the file
    printf '%08X%08X%08X\n' "$1" $((16#${2%/*})) $((16#${2#*/} / SEGMENT))
}

# prune: backups that no instant of the kept days needs, and WAL that no kept backup needs. Positions
# in the log go back at a restore, so the oldest position counts, and not that of the oldest backup.
prune() {
    local horizon base newest_before="" first="" start
    horizon=$(date -u -d "-$kept_days days" +%Y%m%dT%H%M%SZ)
    for base in "$backups"/base/*Z; do
        [[ ${base##*/} > $horizon ]] || newest_before=$base
    done
    for base in "$backups"/base/*Z; do
        [[ -d $base ]] || return 0
        if [[ $base < $newest_before ]]; then
            rm -r "$base"
            echo "deleted ${base##*/}"
            continue
        fi
        start=$(sed -n 's/^START WAL LOCATION: .*(file \([0-9A-F]*\))$/\1/p' "$base/label")
        [[ -n $start ]] || fail "${base##*/} does not say which WAL it needs, so none was deleted"
        [[ -n $first && ${first:8} < ${start:8} ]] || first=$start
    done
    pg_archivecleanup -x .gz "$backups/wal" "$first"
}

fail() {
    echo "Failed: $*." >&2
    exit 1
}

main "$@"
