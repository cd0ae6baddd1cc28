# shellcheck shell=bash disable=SC2034,SC2154 # its variables are shared
# Read by restore.sh: what there is to restore from, and which timeline leads where.

# read_archive: bases (oldest first), changed (nanoseconds by name of an archived file), and where it is
bases=()
archives=("$backups/wal")
declare -A changed place
read_archive() {
    local each time name
    for each in "$backups"/base/*Z; do
        [[ -s $each/label && -s $each/data/backup_manifest ]] && bases+=("$each")
    done
    ((${#bases[@]})) || refuse "there is no whole base backup in $backups/base"
    while read -r time name; do
        each=${name##*/} each=${each%.gz}
        changed[$each]=${time/./} place[$each]=$name
    done < <(find "${archives[@]}" -maxdepth 1 -name '*.gz' -exec stat --format '%.9Y %n' {} +)
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
    done < <(gzip -dc "${place[$history]}")
    [[ $leads == yes || $life == "$own" ]] || return 0
    timeline=$life path=("${before[@]}")
}
