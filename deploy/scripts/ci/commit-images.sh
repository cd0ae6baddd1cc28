#!/usr/bin/env bash
# Writes a release's images into an overlay, commits them and pushes the commit.
#
#   commit-images.sh OVERLAY VERSION PROVEN [FILE]
#   commit-images.sh --take-back OVERLAY
#
# OVERLAY is staging or production, FILE has an image by digest a line (reports/images.txt; - reads
# them from standard input). PROVEN is the commit whose manifests were tested with these images. The
# commit is made on the newest one of the branch; if its manifests or deploy scripts are others than
# PROVEN's, the release is refused, since what would be deployed was never tested together: the next
# release brings both.
#
# --take-back reverts the overlay's newest commit of images, after a deploy that failed.
#
# BRANCH is the branch (main), REMOTE where it is pushed to (origin). SIGNING_KEY, an SSH key, signs
# the commit; GIT_AUTHOR_NAME and so on say whose it is. KUBECTL renders the overlay.
#
# Outputs: commit, what is to be deployed; made=true where this run pushed it.
#
# Exit code: 0 pushed, or nothing to change; 1 failed; 2 refused.
set -euo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

TRIES=3 # a push that comes too late begins again

main() {
    local overlay="" version="" proven="" file=""
    if [[ ${1:-} == --take-back ]]; then
        takes 1 "${@:2}"
        overlay=${2:-}
    else
        takes 4 "$@"
        (($# >= 3)) || refuse "name the overlay, the version and the commit that was tested (see --help)"
        overlay=$1 version=$2 proven=$3 file=${4:-$reports/images.txt}
    fi
    [[ $overlay == staging || $overlay == production ]] ||
        refuse "'$overlay' is no overlay that is released; staging and production are"
    [[ -z $file || $file == - || -f $file ]] || refuse "there is no file $file: name one with an image by digest a line"
    branch=${BRANCH:-main} remote=${REMOTE:-origin}
    read -ra kubectl <<<"${KUBECTL:-kubectl}"
    needs "${kubectl[0]}" "install kubectl, or name it in KUBECTL"
    folder=deploy/kubernetes/overlays/$overlay/images rendered=deploy/kubernetes/rendered/$overlay.yaml
    cd "$root"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    use_signing_key
    [[ -z $proven ]] || proven=$(git rev-parse --quiet --verify "$proven^{commit}") ||
        refuse "there is no commit $3 here: fetch the whole history"
    [[ -z $file ]] || cat -- "${file/#-//dev/stdin}" >"$work/images.txt"
    local try
    for ((try = 0; try < TRIES; try++)); do
        go_to_newest
        if [[ -n $version ]]; then
            refuse_other_manifests "$proven"
            write_images "$version"
            commit "$overlay: Release $version" "${GITHUB_ACTOR:+Started by $GITHUB_ACTOR.}" || return 0
        else
            restore_images
            commit "$overlay: Take the last release back" "It was not deployed." || return 0
        fi
        if git push --quiet "$remote" "HEAD:refs/heads/$branch"; then
            output commit "$(git rev-parse HEAD)"
            output made true
            return
        fi
    done
    echo "the branch $branch could not be pushed: may this key push to it, and does it refuse unsigned commits?" >&2
    exit 1
}

# use_signing_key: a key that is a text, as a secret is, becomes a file that this script takes away
use_signing_key() {
    signing=(-c commit.gpgsign=false)
    [[ -n ${SIGNING_KEY:-} ]] || return 0
    (umask 077 && printf '%s\n' "$SIGNING_KEY" >"$work/key")
    ssh-keygen -y -f "$work/key" >"$work/key.pub" || refuse "SIGNING_KEY is no private SSH key without a passphrase"
    signing=(-c gpg.format=ssh -c "user.signingkey=$work/key" -c commit.gpgsign=true)
}

go_to_newest() {
    [[ -z $(git status --porcelain --untracked-files=no) ]] || refuse "there are changes that are not committed"
    git fetch --quiet "$remote" "$branch"
    git checkout --quiet --detach FETCH_HEAD
}

# refuse_other_manifests PROVEN: what is deployed with the images is what was tested with them
refuse_other_manifests() {
    local changed
    changed=$(git diff --name-only "$1" HEAD -- deploy/kubernetes deploy/scripts monitoring \
        ':!deploy/kubernetes/rendered' ':!deploy/kubernetes/overlays/*/images/kustomization.yaml')
    [[ -z $changed ]] || refuse "$branch has moved on since ${1:0:12}: $(head -n 3 <<<"$changed" | paste -sd ' ' -).
    Let the release of the newest commit be deployed instead"
}

# write_images VERSION: the one file that a release changes, and what it makes of the manifests
write_images() {
    local image
    {
        printf '# The one file that a release of %s changes.\n' "$(basename "${folder%/images}")"
        printf 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages:\n'
        while read -r image; do
            [[ $image =~ ^[^@[:space:]]+/(storefront|product-service|order-service|sandbox)@(sha256:[0-9a-f]{64})$ ]] ||
                refuse "$image is no image of ours by digest"
            printf '  - name: techcommerce/%s\n    newName: %s\n    digest: %s\n' \
                "${BASH_REMATCH[1]}" "${image%@*}" "${BASH_REMATCH[2]}"
        done <"$work/images.txt"
        printf 'configMapGenerator:\n  - name: release\n    literals: [VERSION=%s]\n' "$1"
        printf '    options: {disableNameSuffixHash: true}\n'
    } >"$work/kustomization.yaml"
    (($(grep -c 'digest:' "$work/kustomization.yaml") == 4)) || refuse "a release has four images"
    cp "$work/kustomization.yaml" "$folder/kustomization.yaml"
    render
}

# restore_images: as they were before the overlay's newest commit of them
restore_images() {
    local last
    last=$(git log -n 1 --format=%H -- "$folder/kustomization.yaml")
    git checkout --quiet "$last^" -- "$folder/kustomization.yaml"
    render
}

render() {
    "${kubectl[@]}" kustomize "${folder%/images}" >"$work/rendered.yaml" || refuse "the overlay cannot be rendered"
    cp "$work/rendered.yaml" "$rendered"
}

# commit SUBJECT BODY: fails where there is nothing to commit
commit() {
    if git diff --quiet HEAD -- "$folder" "$rendered"; then
        echo "These images are committed already"
        output commit "$(git rev-parse HEAD)"
        return 1
    fi
    git "${signing[@]}" commit --quiet --message "$1" ${2:+--message "$2"} -- "$folder" "$rendered"
    git log -n 1 --format='### %s%n%n%H' | summary
}

main "$@"
