#!/bin/sh
# The archive of the write-ahead log, as PostgreSQL's archive_command and restore_command use it.
#
#   archive.sh put PATH NAME   keeps a finished file; done only when it is safely on the disk
#   archive.sh get NAME PATH   fetches one; 1 if it is not there, which ends a recovery
#
# The archive is $BACKUPS/wal. A segment keeps its time of last change: nothing that was committed
# later is in it. A segment that archive_timeout closed early is mostly zeros, so all are compressed.
set -eu
umask 077
wal=${BACKUPS:-/backups}/wal

put() { # put PATH NAME
    kept=$wal/$2.gz
    mkdir -p "$wal"
    case $2 in *[!0-9A-F]*) ;; *) refuse_other_server "$1" ;; esac
    if [ -e "$kept" ]; then # archived before, and the server died before it knew
        gzip -dc "$kept" | cmp -s - "$1" && sync "$kept" "$wal" && return
        echo "$kept holds another $2: is this the archive of another server?" >&2
        exit 1
    fi
    gzip -1 <"$1" >"$kept.part"
    touch -r "$1" "$kept.part"
    sync "$kept.part"
    mv "$kept.part" "$kept"
    sync "$wal"
}

# refuse_other_server SEGMENT: the archive belongs to the server that filled it first, by the identifier
# in the head of each segment. A new, empty server would mix its WAL with that of the lost one.
refuse_other_server() {
    id=$(od -An -tx8 -j24 -N8 "$1" | tr -d ' ')
    [ -n "$id" ] || exit 1
    if [ ! -s "$wal/server" ]; then
        echo "$id" >"$wal/server.part"
        sync "$wal/server.part"
        mv "$wal/server.part" "$wal/server"
    elif [ "$(cat "$wal/server")" != "$id" ]; then
        echo "$wal holds the WAL of another server: restore this one from it, or give it an empty folder" >&2
        exit 1
    fi
}

get() { # get NAME PATH
    [ -e "$wal/$1.gz" ] || exit 1
    gzip -dc "$wal/$1.gz" >"$2"
}

case ${1:-} in
    put) put "$2" "$3" ;;
    get) get "$2" "$3" ;;
    *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p;}' "$0" >&2 && exit 2 ;;
esac
