# Secrets that the overlay names and a namespace lacks: found before anything is touched.
# shellcheck shell=bash disable=SC2034,SC2154  # the parts of deploy.sh share their variables

# Names and keys alone: no value leaves the cluster.
# shellcheck disable=SC2016  # the dollars are the template's
KEYS='{{range .items}}{{.metadata.name}}{{range $key, $_ := .data}} {{$key}}{{end}}{{"\n"}}{{end}}'

refuse_missing_secrets() {
    local each said=""
    "${kubectl[@]}" annotate --local -f "$work/all.yaml" checked=yes -o json >"$work/all.json" ||
        refuse "the manifests of $overlay cannot be read"
    for each in "${namespaces[@]}"; do
        compare_secrets "$each"
    done
    [[ -z $said ]] || refuse "${said%$'\n'}"
}

# compare_secrets NAMESPACE: adds to $said what it lacks and how to make it. A deployer may be
# forbidden to list them, and then the pods tell.
compare_secrets() {
    local missing
    if ! at "$1" get secrets -o "go-template=$KEYS" >"$work/secrets" 2>"$work/error"; then
        step "The Secrets of $1 are not checked: $(tail -n 1 "$work/error")"
        return 0
    fi
    missing=$("$python" "$here/steps/missing_secrets.py" "$work/secrets" "$1" <"$work/all.json") ||
        refuse "the Secrets of $overlay cannot be compared"
    [[ -z $missing ]] || said+="$1 lacks what the overlay needs:
    ${missing//$'\n'/$'\n'    }
$(how_to_make "$1" "$missing")
"
}

# how_to_make NAMESPACE MISSING: the commands, to be copied
how_to_make() {
    local there="--context $context --namespace $1" file=monitoring.json word key holder
    local folder=deploy/secrets make="make secrets"
    [[ $1 != "$namespace" ]] || file=kubernetes.json
    case $overlay in # each shop has a set of its own
        staging | production) folder=../$overlay-secrets make+=" ARGS=$folder" ;;
    esac
    if grep -q '^Secret ' <<<"$2"; then
        printf 'Make the Secrets (docs/deploy.md, Secrets; those that exist are left alone):\n'
        [[ -s $work/secrets ]] || printf '    kubectl --context %s create namespace %s\n' "$context" "$1"
        printf '    %s\n    kubectl %s create -f %s/%s\n' "$make" "$there" "$folder" "$file"
    fi
    while read -r word key _ holder others; do
        [[ -z $others ]] || holder=SECRET # one of those that are named above
        [[ $word != key ]] || printf "Add the key:\n    kubectl %s patch secret %s --patch '%s'\n" \
            "$there" "$holder" "{\"stringData\": {\"$key\": \"...\"}}"
    done <<<"$2"
}
