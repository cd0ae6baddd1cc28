# Argo CD applies an overlay or deploy.sh does, never both: each would take back what the other did.
# shellcheck shell=bash disable=SC2154  # the parts of deploy.sh share their variables

# Application and workload, of each that Argo CD tracks.
# shellcheck disable=SC2016  # the dollars are the template's
TRACKED='{{range .items}}{{with .metadata.annotations}}{{with index . "argocd.argoproj.io/tracking-id"}}
{{.}}{{end}}{{end}}{{end}}'

# refuse_what_argo_cd_applies: its own folders, and a namespace whose workloads it tracks
refuse_what_argo_cd_applies() {
    ! grep -qF 'argocd.argoproj.io/hook:' "$work/all.yaml" ||
        refuse "$overlay is what Argo CD applies; deploy.sh takes the overlay that it is made of"
    local tracked application
    tracked=$(k get deployments,statefulsets -o "go-template=$TRACKED") ||
        refuse "the cluster does not answer"
    [[ -n $tracked ]] || return 0
    application=$(awk -F: 'NF { print $1; exit }' <<<"$tracked")
    refuse "Argo CD applies $namespace, as its application $application: release there, by a commit.
To take it back (docs/gitops.md), remove its line from deploy/argocd/applicationset.yaml, and then:
    kubectl --context $context apply -k deploy/argocd
    kubectl --context $context --namespace $namespace annotate \\
        deployments,statefulsets --all argocd.argoproj.io/tracking-id-"
}
