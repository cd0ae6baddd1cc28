#!/usr/bin/env bash
# Signs in to the registry that images are pushed to or read from.
#
#   registry-login.sh [--push]
#
# REGISTRY is where they are, such as ghcr.io/acme or docker.io/acme. REGISTRY_TOKEN is the password of
# REGISTRY_USER. Without one, ghcr.io takes GITHUB_TOKEN, the job's own, which no other registry gets to
# see, and a registry of AWS takes the role that the job has taken on (aws is the command). Where there
# is none of these, images that are public can be read all the same; with --push it is refused.
#
# DOCKER is the command, or one that knows `login` as docker does.
#
# Exit code: 0 signed in, or not needed; 2 refused; another one is that of docker or aws.
set -euo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

main() {
    local host user token push=no
    [[ ${1:-} != --push ]] || { push=yes && shift; }
    takes 0 "$@"
    [[ -n ${REGISTRY:-} ]] || refuse "REGISTRY is not set (docs/releasing.md, Set up once)"
    host=${REGISTRY%%/*} host=${host,,} user=${REGISTRY_USER:-} token=${REGISTRY_TOKEN:-}
    if [[ -z $token && $host == ghcr.io ]]; then
        token=${GITHUB_TOKEN:-}
    elif [[ -z $token && $host =~ ^[0-9]+\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com ]]; then
        needs aws "install the command of AWS, or set REGISTRY_TOKEN"
        token=$(aws ecr get-login-password --region "${BASH_REMATCH[1]}") user=AWS
    fi
    if [[ -z $token ]]; then
        [[ $push == no ]] || refuse "nobody may push to $host: REGISTRY_TOKEN is not set (docs/releasing.md, Set up once)"
        echo "Nobody signs in to $host: what is public there can be read"
        return
    fi
    [[ -n $user ]] || refuse "REGISTRY_USER is not set (docs/releasing.md, Set up once)"
    read -ra docker <<<"${DOCKER:-docker}"
    needs "${docker[0]}" "install Docker, or name a command with docker's login in DOCKER"
    printf '%s' "$token" | "${docker[@]}" login "$host" --username "$user" --password-stdin
}

main "$@"
