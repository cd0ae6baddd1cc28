#!/usr/bin/env bash
# Shows what runs in a namespace and its last words, for whoever looks into a failure.
#
#   cluster-state.sh NAMESPACE...
#
# KUBECTL is the command. It only looks, and what is gone fails nothing.
#
# Exit code: 0; 2 refused.
set -uo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

takes $# "$@"
(($#)) || refuse "name the namespaces: cluster-state.sh techcommerce monitoring"
read -ra kubectl <<<"${KUBECTL:-kubectl}"
needs "${kubectl[0]}" "install kubectl, or name it in KUBECTL"
for namespace; do
    "${kubectl[@]}" --namespace "$namespace" get all,events --sort-by=.metadata.creationTimestamp
    "${kubectl[@]}" --namespace "$namespace" logs --selector app.kubernetes.io/part-of=techcommerce \
        --all-containers --prefix --tail 50 --max-log-requests 50
done
exit 0
