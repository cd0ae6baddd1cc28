#!/usr/bin/env bash
# From Docker to the shop: a kind cluster, its images, secrets, and the local overlay deployed.
#
#   kind-up.sh [--recreate]
#
# Needs docker, kind, kubectl and Python. Safe to repeat: what is there is kept, images are built
# and loaded again, pods restart on them, and deploy.sh brings the cluster to what the folder holds
# now. --recreate begins with an empty cluster. CLUSTER is its name (techcommerce). Delete it: kind
# delete cluster --name techcommerce
#
# Exit code: 0 the shop sells; 2 refused, nothing was touched; another one is that of what failed.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=SCRIPTDIR/steps/arguments.sh
source "$root/deploy/scripts/steps/arguments.sh"
cluster=${CLUSTER:-techcommerce}
context=kind-$cluster
namespace=techcommerce
monitoring=monitoring
python=${PYTHON:-python3}
images=(storefront product_service order_service sandbox)
ours='app.kubernetes.io/component in (provider, web, worker)'
metrics_server=https://github.com/kubernetes-sigs/metrics-server/releases/download/v0.8.0/components.yaml

main() {
    local each recreate=no
    for each; do
        [[ $each == --recreate ]] || takes 0 "$each"
        recreate=yes
    done
    for each in docker kind kubectl; do
        needs "$each" "it makes and fills the cluster (docs/deploy.md)"
    done
    needs "$python" "install Python 3.11 or newer, or name it in PYTHON"
    docker info >/dev/null 2>&1 || refuse "Docker does not run, or not for you: docker info says why"
    [[ $recreate == no ]] || kind delete cluster --name "$cluster"
    make_cluster
    build_images
    start_metrics_server
    make_secrets
    part_roles
    move_monitoring
    restart_shop
    KUBECTL=kubectl "$root/deploy/scripts/deploy.sh" local --context "$context" --yes
    printf '\nShop     http://localhost:30000\nGrafana  http://localhost:30030   admin / %s\n' \
        "$(cat "$root/deploy/secrets/GRAFANA_PASSWORD")"
}

k() { kubectl --context "$context" "$@"; }

# make_cluster: one node whose two NodePorts are ports of this machine
make_cluster() {
    kind get clusters 2>/dev/null | grep -qxF "$cluster" && return
    kind create cluster --name "$cluster" --wait 120s --config - <<'YAML'
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
  - role: control-plane
    extraPortMappings:
      - {containerPort: 30000, hostPort: 30000, listenAddress: 127.0.0.1}
      - {containerPort: 30030, hostPort: 30030, listenAddress: 127.0.0.1}
YAML
}

build_images() {
    local each target image built=()
    for each in "${images[@]}"; do
        target=(--build-arg "SERVICE=$each")
        [[ $each != sandbox ]] || target=(--target sandbox)
        image=techcommerce/${each//_/-}:local
        docker build --quiet --file "$root/deploy/Dockerfile" "${target[@]}" --tag "$image" "$root"
        built+=("$image")
    done
    kind load docker-image --name "$cluster" "${built[@]}"
}

# start_metrics_server: the autoscaler reads it; kind's kubelet shows a certificate of its own making.
# A run that was interrupted may have left it without the argument.
start_metrics_server() {
    local arguments
    arguments=$(k -n kube-system get deployment metrics-server \
        -o 'jsonpath={.spec.template.spec.containers[0].args}' 2>/dev/null) || arguments=""
    if [[ $arguments != *--kubelet-insecure-tls* ]]; then
        k apply -f "$metrics_server"
        k -n kube-system patch deployment metrics-server --type json --patch \
            '[{"op": "add", "path": "/spec/template/spec/containers/0/args/-", "value": "--kubelet-insecure-tls"}]'
    fi
    k -n kube-system rollout status deployment/metrics-server --timeout 180s
}

# make_secrets: what the cluster lacks of them; deploy/secrets keeps them, in no repository
make_secrets() {
    (cd "$root" && "$python" -m deploy.local secrets)
    create_missing namespace "$namespace"
    create_missing namespace "$monitoring"
    create_missing --namespace "$namespace" -f "$root/deploy/secrets/kubernetes.json"
    create_missing --namespace "$monitoring" -f "$root/deploy/secrets/monitoring.json"
}

# create_missing ARGUMENTS of kubectl create...: what is there is left alone
create_missing() {
    local said
    said=$(k create "$@" 2>&1) || ! grep -vE ' created$|AlreadyExists' <<<"$said" >&2
}

# part_roles: databases that are there have owners of their tables, who are not the services
part_roles() {
    k --namespace "$namespace" get statefulset postgres >/dev/null 2>&1 || return 0
    "$root/deploy/scripts/database-roles.sh" "$root/deploy/secrets" kubectl --context "$context" \
        --namespace "$namespace" exec -i statefulset/postgres -- psql --username postgres
}

# move_monitoring: what ran in the shop's namespace before monitoring had one of its own
move_monitoring() {
    k --namespace "$namespace" delete --ignore-not-found \
        deployment,service,pdb,networkpolicy,serviceaccount,pvc,secret prometheus alertmanager grafana
}

# restart_shop: images keep their tag, so nothing else tells a pod that there is new code. The new pods
# wait for the migrations of deploy.sh, which waits for them.
restart_shop() {
    local names
    mapfile -t names < <(k --namespace "$namespace" get deployments -l "$ours" -o name)
    ((${#names[@]} == 0)) || k --namespace "$namespace" rollout restart "${names[@]}"
}

main "$@"
