# Argo CD applies an overlay or deploy.sh does, never both: each would take back what the other did.
# shellcheck shell=bash disable=SC2154  # the parts of deploy.sh share their variables

# Application and workload, of each that Argo CD tracks.
# shellcheck disable=SC2016  # the dollars are the template's
TRACKED='{{range .items}}{{with .metadata.annotations}}{{with index . "argocd.argoproj.io/tracking-id"}}
{{.}}{{end}}{{end}}{{end}}'

# refuse_what_argo_cd_applies: its own folders, and namespaces with workloads that it tracks
refuse_what_argo_cd_applies() {
    ! grep -qF 'argocd.argoproj.io/hook:' "$work/all.yaml" ||
        refuse "$overlay is what Argo CD applies; deploy.sh takes the overlay that it is made of"
    local each application
    for each in "${namespaces[@]}"; do
        at "$each" get deployments,statefulsets -o "go-template=$TRACKED" >"$work/tracked" ||
            refuse "the cluster does not answer"
        application=$(awk -F: 'NF { print $1; exit }' "$work/tracked")
        [[ -z $application ]] || refuse "Argo CD applies $each, as its application $application: \
release there, by a commit.
$(how_to_take_it_back)"
    done
}

how_to_take_it_back() {
    local each
    printf 'To take it back (docs/gitops.md), remove its line from deploy/argocd/applicationset.yaml:\n'
    printf '    kubectl --context %s apply -k deploy/argocd\n' "$context"
    for each in "${namespaces[@]}"; do
        printf '    kubectl --context %s --namespace %s annotate deployments,statefulsets --all %s\n' \
            "$context" "$each" argocd.argoproj.io/tracking-id-
    done
}
