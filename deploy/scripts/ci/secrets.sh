#!/usr/bin/env bash
# Looks for keys, tokens and passwords in the files of the repository, and in what commits added.
#
#   secrets.sh [BASE]
#
# With BASE, a commit, every version of a file that the commits after it brought is looked at too: what
# one commit adds and the next one removes is public all the same. A line that only looks like a
# secret has the comment `pragma: allowlist nextline secret` above it.
#
# Exit code: 0 none; 1 there is one, the summary says where; 2 refused.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=SCRIPTDIR/report.sh
source "$here/report.sh"

# Passwords by the name of their variable and random text by its entropy are left out: a shop's
# tests are full of both. Hashes of packages are random by nature, and what is rendered is made of
# files that are looked at.
OPTIONS=(--no-verify --disable-plugin KeywordDetector --disable-plugin Base64HighEntropyString
    --disable-plugin HexHighEntropyString --exclude-files 'requirements/[a-z]+\.txt$'
    --exclude-files 'deploy/kubernetes/rendered/')

main() {
    takes 1 "$@"
    needs git "install git"
    [[ -z ${1:-} ]] || git -C "$root" rev-parse --quiet --verify "$1^{commit}" >/dev/null 2>&1 ||
        refuse "there is no commit $1 here: fetch the whole history"
    bin=$("$here/tools.sh")
    begin_report
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    copy_files
    [[ -z ${1:-} ]] || copy_commits "$1"
    local code=0
    (cd "$work" && find . -type f -printf '%P\0' |
        xargs -0 --no-run-if-empty "$bin/detect-secrets-hook" "${OPTIONS[@]}") \
        >"$reports/secrets.txt" || code=1
    {
        printf '### Secrets in the repository\n\n'
        printf '%s files were looked at: %s found\n' "$(find "$work" -type f | wc -l)" \
            "$(grep -c '^Location: ' "$reports/secrets.txt" || true)"
        sed -n 's/^Secret Type: */- /p; s/^Location: */  in /p' "$reports/secrets.txt"
    } | summary
    return "$code"
}

# copy_files: the files of the work tree that git knows, and new ones
copy_files() {
    git -C "$root" ls-files -z --cached --others --exclude-standard |
        tar -C "$root" --null --files-from - --ignore-failed-read --create --file - 2>/dev/null |
        tar -C "$work" --extract --file -
}

# copy_commits BASE: each file that a later commit added or changed, below the commit's name
copy_commits() {
    local commits commit path
    commits=$(git -C "$root" rev-list --no-merges "$1..HEAD")
    for commit in $commits; do
        while IFS= read -rd '' path; do
            mkdir -p "$work/$commit/$(dirname "$path")"
            git -C "$root" show "$commit:$path" >"$work/$commit/$path"
        done < <(git -C "$root" diff-tree -r -z --root --no-commit-id --name-only --diff-filter=AM "$commit")
    done
}

main "$@"
