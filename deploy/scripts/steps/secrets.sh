# Secrets that the overlay names and the namespace lacks: found before anything is touched.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts of deploy.sh share their variables

# Names and keys alone: no value leaves the cluster.
# shellcheck disable=SC2016  # the dollars are the template's
KEYS='{{range .items}}{{.metadata.name}}{{range $key, $_ := .data}} {{$key}}{{end}}{{"\n"}}{{end}}'

# refuse_missing_secrets: a deployer may be forbidden to list them, and then the pods tell
refuse_missing_secrets() {
    if ! k get secrets -o "go-template=$KEYS" >"$work/secrets" 2>"$work/error"; then
        step "The Secrets are not checked: $(tail -n 1 "$work/error")"
        return 0
    fi
    local missing
    "${kubectl[@]}" annotate --local -f "$work/all.yaml" checked=yes -o json >"$work/all.json" ||
        refuse "the manifests of $overlay cannot be read"
    missing=$("$python" "$here/steps/missing_secrets.py" "$work/secrets" <"$work/all.json") ||
        refuse "the Secrets of $overlay cannot be compared"
    [[ -z $missing ]] || refuse "$namespace lacks what the overlay needs:
    ${missing//$'\n'/$'\n'    }
$(how_to_make "$missing")"
}

# how_to_make MISSING: the commands, to be copied
how_to_make() {
    local there="--context $context --namespace $namespace" word key holder
    if grep -q '^Secret ' <<<"$1"; then
        printf 'Make the Secrets (docs/deploy.md, Secrets; those that exist are left alone):\n'
        [[ -s $work/secrets ]] || printf '    kubectl --context %s create namespace %s\n' "$context" "$namespace"
        printf '    make secrets\n'
        printf '    kubectl %s create -f deploy/secrets/kubernetes.json\n' "$there"
    fi
    while read -r word key _ holder others; do
        [[ -z $others ]] || holder=SECRET # one of those that are named above
        [[ $word != key ]] || printf "Add the key:\n    kubectl %s patch secret %s --patch '%s'\n" \
            "$there" "$holder" "{\"stringData\": {\"$key\": \"...\"}}"
    done <<<"$1"
}
