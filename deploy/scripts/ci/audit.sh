#!/usr/bin/env bash
# Looks for known vulnerabilities in every package of the hashed requirement files.
#
#   audit.sh [--ignore-vuln ID]...
#
# ID is an advisory that is known and passed over. Advisories come from PyPI; OSV_URL names a server with
# OSV's interface instead, REQUIREMENTS the files (requirements/*.txt). A package that nobody can tell
# anything about is a failure (--strict), because a run that audited nothing would pass otherwise.
#
# Exit code: 0 nothing is known about any of them; 1 something is, or one was not audited; 2 refused.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=SCRIPTDIR/report.sh
source "$here/report.sh"

options=(--strict --disable-pip --require-hashes --progress-spinner off --desc off)
while (($#)); do
    [[ $1 == --ignore-vuln ]] || takes 0 "$1"
    has_value "$@"
    options+=("$1" "$2")
    shift 2
done
[[ -z ${OSV_URL:-} ]] || options+=(--vulnerability-service osv --osv-url "$OSV_URL")

code=0
files=("$root"/requirements/*.txt)
[[ -z ${REQUIREMENTS:-} ]] || read -ra files <<<"$REQUIREMENTS"
for file in "${files[@]}"; do
    [[ -f $file ]] || refuse "there is no file $file: REQUIREMENTS names the files, with blanks between"
done
bin=$("$here/tools.sh")
begin_report
for file in "${files[@]}"; do
    name=$(basename "$file" .txt)
    rm -f "$reports/audit-$name.json"
    "$bin/pip-audit" "${options[@]}" --requirement "$file" --format json \
        --output "$reports/audit-$name.json" || code=1
    [[ -s $reports/audit-$name.json ]] || echo '{}' >"$reports/audit-$name.json"
done
"$bin/python" "$here/audit_table.py" "$reports"/audit-*.json | summary
exit "$code"
