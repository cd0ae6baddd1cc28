# What a script of this folder leaves behind: files in $reports, and a summary that people read.
# shellcheck shell=bash disable=SC2034  # for the scripts that source this one
#
# REPORTS is the folder (reports, in no repository). On GitHub the summary is that of the job; on
# any other machine it is printed.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
reports=${REPORTS:-$root/reports}
mkdir -p "$reports"

# summary: what comes in is read by people, as Markdown
summary() { tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}"; }

# output NAME VALUE: what later jobs get
output() { printf '%s=%s\n' "$1" "$2" | tee -a "${GITHUB_OUTPUT:-/dev/null}"; }

# usage SCRIPT: the comment that it begins with
usage() { sed -n '2,/^[^#]/{/^[^#]/d;s/^# \{0,1\}//;p}' "$1"; }

refuse() {
    printf 'Refused: %s\n' "$*" >&2
    exit 2
}
