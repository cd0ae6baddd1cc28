#!/usr/bin/env bash
# Tries whether the version before works on the schema of the new one, as it must during a rollout.
#
#   expand-contract.sh BASE_REF [HEAD_REF] [-- TEST...]
#
#   BASE_REF    what serves now: a branch, a tag or a commit; its last common commit with HEAD_REF
#   HEAD_REF    what is to replace it (else HEAD)
#   TEST        which tests of the base to run, as pytest takes them (else the suites of the services)
#
# The databases are migrated by HEAD_REF; then the base's own tests run on them. A test that fails
# runs once more, then on the base's own schema: where it fails too, no migration is to blame. Tests
# that migrate by themselves are left out. docs/migrations.md says what a migration may do. Without
# a migration between the two it ends at once.
#
# PYTHON is a Python with what requirements/dev.txt names (else that of .venv, which is made if need
# be). Both versions lie in temporary worktrees; the servers are of this run alone.
#
# Exit code: 0 the base works, or there is nothing to try; 1 it does not, the last line says what
# fails; 2 refused before anything was run.
set -euo pipefail
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE # a hook's: they would speak of another repository

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
# shellcheck source=SCRIPTDIR/../steps/arguments.sh
source "$root/deploy/scripts/steps/arguments.sh"
paths='*/migrations/[0-9]*.py'
base_ref="" head_ref=HEAD work="" tests=()

main() {
    read_arguments "$@"
    refuse_dirty_tree
    head=$(commit_of "$head_ref")
    base=$(commit_of "$base_ref")
    base=$(git_ merge-base "$base" "$head") ||
        refuse "$base_ref and $head_ref have no commit in common here$(shallow)"
    migrations=$(git_ diff --name-status --no-renames "$base" "$head" -- "$paths")
    if [[ -z $migrations ]]; then
        printf 'No migration between %s and %s: nothing to try.\n' "$(short "$base")" "$(short "$head")"
        exit 0
    fi
    printf 'Migrations from %s to %s:\n%s\n' "$(short "$base")" "$(short "$head")" "$migrations"
    make_worktrees
    choose_pythons
    cd "$root"
    "$python" -u -m tests.expand_contract.trial \
        "$work/base" "$work/head" "$base_python" "${tests[@]}" ||
        fail "$(short "$base") does not work on the schema of $(short "$head"): $(names)"
}

read_arguments() {
    while (($#)); do
        case $1 in
            --) tests=("${@:2}") && break ;;
            -*) refuse_option "$1" ;;
            *) take_ref "$1" ;;
        esac
        shift
    done
    [[ -n $base_ref ]] || refuse "say what serves now: expand-contract.sh BASE_REF (see --help)"
}

take_ref() {
    if [[ -z $base_ref ]]; then
        base_ref=$1
    elif [[ $head_ref == HEAD ]]; then
        head_ref=$1
    else
        refuse "two references at most, not $1 as well; tests follow --"
    fi
}

refuse_dirty_tree() {
    git_ rev-parse --is-inside-work-tree >/dev/null 2>&1 || refuse "$root is no clone of git"
    [[ -z $(git_ status --porcelain) ]] ||
        refuse "there are changes that are not committed, and only commits are tried: git status"
}

commit_of() {
    git_ rev-parse --verify --quiet --end-of-options "$1^{commit}" ||
        refuse "there is no commit $1 here$(shallow)"
}

# shallow: what to do where the history was cut off
shallow() {
    [[ $(git_ rev-parse --is-shallow-repository) != true ]] ||
        printf '%s' ", and this clone is shallow: git fetch --unshallow (in a workflow: fetch-depth: 0)"
}

make_worktrees() {
    work=$(mktemp -d)
    trap remove_worktrees EXIT
    git_ worktree add --quiet --detach "$work/base" "$base"
    git_ worktree add --quiet --detach "$work/head" "$head"
}

remove_worktrees() {
    cd "$root"
    rm -rf "$work"
    git_ worktree prune
}

# choose_pythons: the base gets a .venv of its own where it asks for other packages
choose_pythons() {
    python=${PYTHON:-$root/.venv/bin/python}
    [[ -x $python ]] || install "$root"
    base_python=$python
    git_ diff --quiet "$base" "$head" -- requirements/dev.txt && return
    install "$work/base"
    base_python=$work/base/.venv/bin/python
}

# install FOLDER: its own way to make .venv; what it prints matters only where it fails
install() {
    (cd "$1" && python3 -m deploy.local test --version) >"$work/install" 2>&1 && return
    cat "$work/install" >&2
    exit 1
}

short() { git_ rev-parse --short "$1"; }

git_() { git -C "$root" "$@"; }

# names: the migrations in one line, each with its app
names() {
    git_ diff --name-only "$base" "$head" -- "$paths" | sed 's|.*/\(.*\)/migrations/|\1/|' | paste -sd ' '
}

fail() {
    printf 'Failed: %s.\n' "$*" >&2
    exit 1
}

main "$@"
