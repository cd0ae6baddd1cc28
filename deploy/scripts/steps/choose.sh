# What to deploy and where to: reads the arguments and refuses what is not beyond doubt.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts of deploy.sh share their variables

read_arguments() {
    while (($#)); do
        case $1 in
            --context | --timeout) has_value "$@" ;;&
            --context) context=$2 && shift ;;
            --timeout) patience=$2 && shift ;;
            --backup) backup_first=yes ;;
            --yes) ask=no ;;
            -*) refuse_option "$1" ;;
            *) [[ -z $overlay ]] || refuse "one overlay at a time, not $overlay and $1" && overlay=$1 ;;
        esac
        shift
    done
    [[ $patience =~ ^[1-9][0-9]*$ ]] || refuse "--timeout is a number of seconds"
}

# choose_overlay: a name or a folder; however one of ours is written, it goes by its name, and a part of
# it is no overlay: nothing that guards the whole would guard it
choose_overlay() {
    folder=$overlays/$overlay
    [[ $overlay == */* || $overlay == . ]] && folder=$overlay
    [[ -n $overlay && -f $folder/kustomization.yaml ]] ||
        refuse "there is no overlay '$overlay'; there are: $(names_of_overlays)"
    folder=$(CDPATH='' cd "$folder" && pwd -P)
    local ours
    ours=$(cd "$overlays" && pwd -P)
    [[ $folder == "$ours"/* ]] || return 0
    overlay=${folder#"$ours"/}
    [[ $overlay != */* ]] || refuse "$overlay is a part of an overlay; deploy ${overlay%%/*} as a whole"
}

names_of_overlays() {
    local file
    for file in "$overlays"/*/kustomization.yaml; do
        basename "$(dirname "$file")"
    done | one_line
}

# is_public: shoppers use it, so nothing about it is guessed
is_public() { [[ $overlay == staging || $overlay == production ]]; }

# choose_context: the one that was told; unless shoppers use it, the only one there is will do
choose_context() {
    if [[ -z $context ]]; then
        read_contexts
        if is_public || [[ $contexts == *$'\n'* ]]; then
            refuse "say which cluster with --context; known are: $(one_line <<<"$contexts")"
        fi
        context=$contexts
    fi
    refuse_unknown_context
}

# refuse_dirty_images: what shoppers get must stand in git
refuse_dirty_images() {
    is_public || return 0
    local changed
    changed=$(git -C "$folder" status --porcelain -- images 2>&1) ||
        refuse "$overlay is deployed from a git repository: $changed"
    [[ -z $changed ]] || refuse "the images of $overlay are not committed: $(one_line <<<"$changed")"
}

# refuse_doubles: what watches the shop from elsewhere now, and is still in the shop's own namespace
refuse_doubles() {
    local each there old=()
    there=$(k get deployments,services -o name) || refuse "the cluster does not answer"
    for each in $({ names_of Deployment && names_of Service; } | grep -v "^$namespace/" | sort); do
        ! grep -qE "^(deployment.apps|service)/${each##*/}$" <<<"$there" || old+=("${each##*/}")
    done
    ((${#old[@]})) || return 0
    mapfile -t old < <(printf '%s\n' "${old[@]}" | sort -u)
    refuse "$namespace still has ${old[*]}, for which there is another namespace now
(docs/deploy.md, A shop that watched itself). Delete what is left here:
    kubectl --context $context --namespace $namespace delete --ignore-not-found \\
        deployment,service,pdb,networkpolicy,serviceaccount,pvc,secret ${old[*]}"
}

confirm() {
    [[ $ask == yes ]] || return 0
    [[ -t 0 ]] || refuse "nobody can be asked here; say --yes"
    local answer
    read -rp "Deploy $overlay to $context? [y/N] " answer
    [[ $answer == [yY]* ]] || refuse "not confirmed"
}
