#!/usr/bin/env bash
# Proves that somebody had to approve the job that runs this.
#
#   approved.sh ENVIRONMENT
#
# GitHub makes an environment that a job names and nobody has set up, without any rule, and the job
# goes on unasked. So the environment is looked at: it must have reviewers. GH is GitHub's command,
# with GH_TOKEN, a token that may read actions.
#
# Exit code: 0 it has reviewers; 2 refused, it has none or cannot be read.
set -euo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

takes 1 "$@"
[[ -n ${1:-} ]] || refuse "name the environment: approved.sh ENVIRONMENT"
[[ -n ${GITHUB_REPOSITORY:-} ]] || refuse "GITHUB_REPOSITORY is not set: it is OWNER/REPOSITORY"
read -ra gh <<<"${GH:-gh}"
needs "${gh[0]}" "install GitHub's command gh, or name it in GH"
rules=$("${gh[@]}" api "repos/$GITHUB_REPOSITORY/environments/$1" --jq '.protection_rules[].type') ||
    refuse "the environment $1 cannot be read"
grep -qx required_reviewers <<<"$rules" ||
    refuse "the environment $1 has no reviewers, so nobody was asked (docs/releasing.md, Set up once)"
