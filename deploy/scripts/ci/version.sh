#!/usr/bin/env bash
# Names the version of this commit: 1.4.0 at the tag v1.4.0, 1.4.0-3-gabc1234 three commits later.
#
#   version.sh
#
# Without any tag, the version of pyproject.toml and the number of commits take their place. It suits
# a tag of an image and the name of a Job.
#
# Exit code: 0 named; 2 refused.
set -euo pipefail
# shellcheck source=SCRIPTDIR/report.sh
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

takes 0 "$@"
needs git "install git"
cd "$root"
if version=$(git describe --tags --match 'v[0-9]*' --abbrev=7 2>/dev/null); then
    version=${version#v}
else
    version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
    version+=-$(git rev-list --count HEAD)-g$(git rev-parse --short=7 HEAD)
fi
[[ $version =~ ^[0-9][0-9a-z.-]{0,39}$ ]] || refuse "$version is no name for a version: 1.4.0 is one"
output version "$version"
