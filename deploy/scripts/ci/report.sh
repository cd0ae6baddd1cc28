# What a script of this folder leaves behind: files in $reports, and a summary that people read.
# shellcheck shell=bash disable=SC2034  # for the scripts that source this one
#
# REPORTS is the folder (reports, in no repository); a script that writes there calls begin_report. On GitHub the summary is that of the job; on
# any other machine it is printed.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
reports=${REPORTS:-$root/reports}
# shellcheck source=SCRIPTDIR/../steps/arguments.sh
source "$root/deploy/scripts/steps/arguments.sh"

begin_report() { mkdir -p "$reports"; }

# summary: what comes in is read by people, as Markdown
summary() { tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}"; }

# output NAME VALUE: what later jobs get
output() { printf '%s=%s\n' "$1" "$2" | tee -a "${GITHUB_OUTPUT:-/dev/null}"; }
