#!/usr/bin/env bash
# Builds the four images; with --push they go to the registry, for two kinds of machines.
#
#   build.sh VERSION [--push]
#
# REGISTRY is where they belong, such as ghcr.io/acme or docker.io/acme (techcommerce). Each is tagged
# with the commit, with VERSION and as latest. PLATFORMS are those that a push is for
# (linux/amd64,linux/arm64); without a push it is this machine's. PYTHON_IMAGE replaces the base,
# SERVICES what is built (storefront product_service order_service sandbox).
#
# BUILDER is docker, whose buildx adds provenance and a bill of materials to what it pushes, or
# buildah, which needs no daemon, builds for this machine's kind alone and adds neither. BUILDAH is its
# command.
#
# reports/images.txt has a line for each image: its name by digest after a push, else by tag.
#
# Exit code: 0 built; 2 refused; another one is the builder's.
set -euo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

read -ra services <<<"${SERVICES:-storefront product_service order_service sandbox}"

main() {
    version="" push=no
    local each words=()
    for each; do
        if [[ $each == --push ]]; then push=yes; else words+=("$each"); fi
    done
    takes 1 "${words[@]}"
    version=${words[0]:-}
    [[ $version =~ ^[0-9a-z][0-9a-z.-]*$ ]] || refuse "'$version' is no version: build.sh 1.4.0"
    builder=${BUILDER:-docker} registry=${REGISTRY:-techcommerce}
    registry=${registry,,} # GitHub keeps an owner's capitals, and no registry takes them
    read -ra buildah <<<"${BUILDAH:-buildah}"
    [[ $builder == docker || $builder == buildah ]] || refuse "there is no builder $builder: BUILDER is docker or buildah"
    if [[ $builder == docker ]]; then
        needs docker "install Docker, or use BUILDER=buildah"
    else
        needs "${buildah[0]}" "install buildah, or name it in BUILDAH"
    fi
    revision=$(git -C "$root" rev-parse HEAD) || refuse "$root is no clone of git, and an image names its commit"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    begin_report
    : >"$reports/images.txt"
    local service
    for service in "${services[@]}"; do
        image=$registry/${service//_/-}
        describe "$service"
        "build_with_$builder"
    done
    { printf '### Images\n\n' && sed 's/^/- /' "$reports/images.txt"; } | summary
}

# describe SERVICE: what both builders are told
describe() {
    description=(--file "$root/deploy/Dockerfile" --build-arg "SERVICE=$1"
        --build-arg "VERSION=$version" --build-arg "REVISION=$revision")
    [[ $1 != sandbox ]] || description+=(--target sandbox)
    [[ -z ${PYTHON_IMAGE:-} ]] || description+=(--build-arg "PYTHON_IMAGE=$PYTHON_IMAGE")
    tags=("$image:$revision" "$image:$version" "$image:latest")
}

build_with_docker() {
    local each options=()
    for each in "${tags[@]}"; do
        options+=(--tag "$each")
    done
    if [[ $push == no ]]; then
        docker build "${description[@]}" "${options[@]}" "$root"
        printf '%s\n' "$image:$version" >>"$reports/images.txt"
        return
    fi
    docker buildx build "${description[@]}" "${options[@]}" --push \
        --platform "${PLATFORMS:-linux/amd64,linux/arm64}" --provenance=mode=max --sbom=true \
        --cache-from "type=registry,ref=$image:cache" \
        --cache-to "type=registry,ref=$image:cache,mode=max,image-manifest=true,oci-mediatypes=true" \
        --metadata-file "$work/metadata.json" "$root"
    note_digest "$(sed -n 's/.*"containerimage.digest": *"\(sha256:[0-9a-f]\{64\}\)".*/\1/p' "$work/metadata.json")"
}

build_with_buildah() {
    local each options=()
    for each in "${tags[@]}"; do
        options+=(--tag "$each")
    done
    "${buildah[@]}" build "${description[@]}" "${options[@]}" "$root"
    if [[ $push == no ]]; then
        printf '%s\n' "$image:$version" >>"$reports/images.txt"
        return
    fi
    for each in "${tags[@]}"; do
        "${buildah[@]}" push --digestfile "$work/digest" "$each" "docker://$each"
    done
    note_digest "$(cat "$work/digest")"
}

# note_digest DIGEST: of the image that was pushed
note_digest() {
    [[ $1 =~ ^sha256:[0-9a-f]{64}$ ]] || { echo "the registry told no digest of $image" >&2 && exit 1; }
    printf '%s@%s\n' "$image" "$1" >>"$reports/images.txt"
}

main "$@"
