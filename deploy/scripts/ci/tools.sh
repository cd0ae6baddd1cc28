#!/usr/bin/env bash
# Installs the tools of a requirement file and prints the folder of their commands.
#
#   tools.sh [NAME]
#
# NAME is that of requirements/NAME.txt (audit). They live in an environment of their own: TOOLS is its
# folder (.venv-NAME), PYTHON the Python that makes it. What is there and current is left alone.
#
# Exit code: 0 they are there; 2 refused; another one is pip's.
set -euo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

takes 1 "$@"
name=${1:-audit}
wanted=$root/requirements/$name.txt
tools=${TOOLS:-$root/.venv-$name}
[[ -f $wanted ]] || refuse "there is no requirements/$name.txt, which lists the tools"
if ! cmp -s "$wanted" "$tools/installed.txt"; then
    needs "${PYTHON:-python3}" "install Python 3.11 or newer, or name it in PYTHON"
    "${PYTHON:-python3}" -m venv --clear "$tools"
    "$tools/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --only-binary :all: --requirement "$wanted" >&2
    cp "$wanted" "$tools/installed.txt"
fi
printf '%s\n' "$tools/bin"
