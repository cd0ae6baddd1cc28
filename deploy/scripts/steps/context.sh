# The cluster, by its name in the kubeconfig.
# shellcheck shell=bash disable=SC2154  # the script that sources this has kubectl and context

# read_contexts: contexts, a name a line
read_contexts() {
    needs "${kubectl[0]}" "install kubectl, or name it in KUBECTL"
    contexts=$("${kubectl[@]}" config get-contexts -o name) || refuse "kubectl does not work"
    [[ -n $contexts ]] || refuse "the kubeconfig names no cluster: kubectl config get-contexts lists them"
}

refuse_unknown_context() {
    read_contexts
    grep -qxF -- "$context" <<<"$contexts" ||
        refuse "there is no context '$context'; known are: $(one_line <<<"$contexts")"
}

refuse_without_cronjob() {
    refuse "namespace $namespace of $context has no CronJob backup, or the cluster does not answer"
}

one_line() { paste -sd ' ' -; }
