# shellcheck shell=bash disable=SC2004,SC2034,SC2154 # its variables are shared
# Read by restore.sh: what is wanted, and whether it can be had.

# read_target TIME: target (nanoseconds; empty for the newest), target_text as it was given, and
# target_time for PostgreSQL, which reads no Z
read_target() {
    target="" target_text=$1 target_time=""
    [[ $1 != latest ]] || return 0
    local day='[0-9]{4}-[0-9]{2}-[0-9]{2}' clock='[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?'
    [[ $1 =~ ^${day}[T\ ]$clock' '?(Z|[+-][0-9]{2}:?[0-9]{2})$ ]] ||
        refuse "'$1' is no time with a zone, such as 2026-07-31T02:17:00Z. $(window)"
    target=$(date -d "$1" +%s%N 2>/dev/null) || refuse "'$1' is no time. $(window)"
    ((target <= $(date +%s%N))) || refuse "$1 is in the future. $(window)"
    target_time=$(date -u -d "$1" '+%F %T.%6N+00:00')
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
        needed+=("${place[$each]}") last=$each
        [[ -z $target ]] || ((changed[$each] < target)) || break
    done
    ((${#needed[@]})) || refuse "the archive lacks $start, which ${base##*/} begins with"
    gzip --test "${needed[@]}" 2>"$work/verify" || refuse "the archive is broken: $(grep -m 1 . "$work/verify")"
}
