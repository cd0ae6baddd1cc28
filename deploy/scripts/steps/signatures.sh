# Images of ours are signed by the workflow that builds them: asked before anything is touched.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts of deploy.sh share their variables

# refuse_unsigned_images: who must have signed stands beside the digests, in images/signatures.env;
# a shop that signs nothing says so there, in git
refuse_unsigned_images() {
    is_public || return 0
    local file=$folder/images/signatures.env identity issuer image images
    [[ -f $file ]] || refuse "nobody says who signs the images of $overlay: write $(signatures_of "$overlay") with
    IDENTITY=the workflow that signs them and ISSUER=who vouches for it, or IDENTITY=none if nothing is signed"
    identity=$(setting IDENTITY "$file") issuer=$(setting ISSUER "$file")
    if [[ $identity == none ]]; then
        step "The images are not checked: $(signatures_of "$overlay") says IDENTITY=none"
        return 0
    fi
    [[ -n $identity && -n $issuer ]] || refuse "$(signatures_of "$overlay") lacks IDENTITY or ISSUER"
    mapfile -t images < <(images_of_ours)
    ((${#images[@]})) || refuse "$overlay runs no image that its images/kustomization.yaml names"
    "${cosign[@]}" version >/dev/null 2>&1 || refuse "${cosign[*]} does not work, and the images of $overlay must be signed:
    install cosign (docs/releasing.md), or name it in COSIGN"
    step "Who signed ${#images[@]} images"
    for image in "${images[@]}"; do
        refuse_unless_signed "$image" "$identity" "$issuer"
    done
}

signatures_of() { printf 'deploy/kubernetes/overlays/%s/images/signatures.env' "$1"; }

# setting NAME FILE: its value there; quotes are none of it
setting() { sed -n "s/^$1=//p" "$2" | tail -n 1 | tr -d "\"'\r"; }

# images_of_ours: each reference that the manifests run of a name in images/kustomization.yaml
images_of_ours() {
    awk '
        { gsub(/["'\'',{}]/, " ") }
        NR == FNR { for (i = 1; i < NF; i++) if ($i ~ /^(newName|name):$/) ours[$(i + 1)]; next }
        {
            for (i = 1; i < NF; i++) {
                if ($i != "image:") continue
                name = $(i + 1)
                sub(/@.*$/, "", name)
                sub(/:[^\/]*$/, "", name)
                if (name in ours) print $(i + 1)
            }
        }
    ' "$folder/images/kustomization.yaml" "$work/all.yaml" | sort -u
}

# refuse_unless_signed IMAGE IDENTITY ISSUER: exactly that identity, and by digest: a tag can move
refuse_unless_signed() {
    [[ $1 =~ @sha256:[0-9a-f]{64}$ ]] || refuse "$1 has no digest, so nobody can have signed what will run"
    "${cosign[@]}" verify --certificate-identity "$2" --certificate-oidc-issuer "$3" "$1" \
        >/dev/null 2>"$work/error" && return 0
    refuse "$1 is not signed by $2 ($(grep -v '^[[:space:]]*$' "$work/error" | tail -n 1)).
    Deploy a release of that workflow; if another one builds your images, put it into
    $(signatures_of "$overlay")"
}
