#!/usr/bin/env bash
# Shows what runs in a namespace and its last words, for whoever looks into a failure.
#
#   cluster-state.sh NAMESPACE...
#
# KUBECTL is the command. It only looks, and what is gone fails nothing.
set -uo pipefail

read -ra kubectl <<<"${KUBECTL:-kubectl}"
for namespace; do
    "${kubectl[@]}" --namespace "$namespace" get all,events --sort-by=.metadata.creationTimestamp
    "${kubectl[@]}" --namespace "$namespace" logs --selector app.kubernetes.io/part-of=techcommerce \
        --all-containers --prefix --tail 50 --max-log-requests 50
done
exit 0
