#!/usr/bin/env bash
# The drill of docs/backup.md: a shop of its own is backed up under orders, loses its databases and is
# restored to one instant; the audit finds the books clean up to it. Prints RPO and RTO.
#
#   restore-drill.sh
#
# Needs what `make test` needs. Exit code: 0 the drill passed, 1 it did not, 2 refused.
set -euo pipefail

# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"
takes 0 "$@"
needs "${PYTHON:-python3}" "install Python 3.11 or newer, or name it in PYTHON"
cd "$root"
exec "${PYTHON:-python3}" -m deploy.local test-slow tests/slow/test_restore.py tests/slow/test_backup.py \
    tests/slow/test_restore_script.py -s
