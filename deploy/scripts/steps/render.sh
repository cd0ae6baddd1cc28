# From the overlay's folder to manifests, in the stages that they are applied in.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts of deploy.sh share their variables

render() {
    step "Rendering $folder"
    "${kubectl[@]}" kustomize "$folder" >"$work/all.yaml" ||
        refuse "$overlay cannot be rendered"
    mapfile -t namespaces < <(awk '/^  namespace: / { print $2 }' "$work/all.yaml" | sort -u)
    mapfile -t deployments < <(names_of Deployment)
    mapfile -t statefulsets < <(names_of StatefulSet)
    namespace=$(one_line < <(printf '%s\n' "${deployments[@]}" | sed -n 's,/deployment/storefront$,,p'))
    shop_url=${SHOP_URL:-$(awk '/^  PUBLIC_URL: / { print $2; exit }' "$work/all.yaml")}
    ! grep -qE 'sha256:0{64}' "$work/all.yaml" || refuse "$overlay has no released images yet"
    [[ -n $namespace ]] || refuse "$overlay has no storefront in a namespace"
    [[ $namespace != *' '* ]] || refuse "one shop at a time: $overlay has a storefront in each of $namespace"
    [[ -n $shop_url ]] || refuse "$overlay has no PUBLIC_URL, so no order can be placed: set SHOP_URL"
    split_by_stage
}

# split_by_stage: one file a stage. kustomize puts "kind:" at the beginning of a line, once.
split_by_stage() {
    touch "$work"/{access,foundation,migrations,chores,workloads}.yaml
    awk -v work="$work" '
        function stage() {
            if (kind ~ /^(Namespace|(Cluster)?Role(Binding)?)$/) return "access"
            if (kind ~ /^(Deployment|HorizontalPodAutoscaler)$/) return "workloads"
            if (kind != "Job") return "foundation"
            return text ~ /app.kubernetes.io\/component: migration/ ? "migrations" : "chores"
        }
        function write() {
            if (text) printf "---\n%s", text > (work "/" stage() ".yaml")
            text = kind = ""
        }
        /^---$/ { write(); next }
        /^kind: / { kind = $2 }
        { text = text $0 "\n" }
        END { write() }
    ' "$work/all.yaml"
}

# names_of KIND [FILE]: as namespace/kind/name. kustomize sorts the fields of an object.
names_of() {
    awk -v wanted="$1" '
        /^---$/ { kind = "" }
        /^kind: / { kind = $2 }
        /^[a-z]/ { inside = /^metadata:/ }
        inside && /^  name: / { name = $2 }
        inside && /^  namespace: / && kind == wanted { print $2 "/" tolower(kind) "/" name }
    ' "$work/${2:-all}.yaml"
}

# show_diff: what will change. Jobs are new each time; a first deploy has nothing to compare with.
show_diff() {
    local running
    running=$(k get deployments -o name) || refuse "the cluster does not answer"
    if [[ -z $running ]]; then
        step "Nothing runs in $namespace yet: $(grep -c '^kind: ' "$work/all.yaml") objects to make"
        return
    fi
    step "What changes in ${namespaces[*]}"
    local code=0
    cat "$work"/{foundation,workloads}.yaml | everywhere diff -f - | without_copies || code=$?
    ((code <= 1)) || refuse "the cluster cannot say what would change"
    ((code)) || step "Nothing but the jobs"
}

# without_copies: an object that was patched differs in its annotation of what was applied last as
# well, a line of kilobytes that repeats the rest
without_copies() {
    awk '
        /^[-+ ] *kubectl\.kubernetes\.io\/last-applied-configuration:/ { inside = 1; next }
        inside && /^[-+ ] *\{/ { next }
        { inside = 0; print }
    '
}

# apply STAGE: the foundation brings the namespace and its rights along, if we may change those
apply() {
    step "Applying the $1"
    if [[ $1 == foundation ]] && everywhere auth can-i create namespaces >/dev/null 2>&1; then
        apply_file access || return 1
    fi
    apply_file "$1"
}

apply_file() {
    [[ -s $work/$1.yaml ]] || return 0
    everywhere apply -f "$work/$1.yaml" 2>"$work/error" | sed 's/^/    /' && return 0
    because "$(tail -n 1 "$work/error")"
}

# prune_configuration: hashed ConfigMaps that neither this version nor one to go back to uses
prune_configuration() {
    local each name
    names_of ConfigMap >"$work/new"
    for each in "${namespaces[@]}"; do
        at "$each" get replicasets,controllerrevisions,cronjobs -o json >"$work/users" || return 0
        for name in $(at "$each" get configmaps -l app.kubernetes.io/part-of=techcommerce -o name); do
            [[ $name =~ -[a-z0-9]{10}$ ]] || continue
            grep -qxF -- "$each/$name" "$work/new" || grep -qF -- "${name#configmap/}" "$work/users" ||
                at "$each" delete "$name" || step "$name stays"
        done
    done
}
