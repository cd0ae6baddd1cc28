"""A cosign over a make-believe transparency log: it signs as whoever FAKE_IDENTITY names.

command = fake_cosign.write(folder)      to be called instead of cosign

folder/signatures   a line for each: image by digest, identity, issuer
folder/calls        a line for each call
"""

from __future__ import annotations

from pathlib import Path

IDENTITY = "https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main"
ISSUER = "https://token.actions.githubusercontent.com"
COMMAND = f"""#!/bin/bash
set -euo pipefail
cd "$(dirname "$0")"
echo "cosign $*" >>calls
image=${{!#}}
if [[ $1 == sign ]]; then
    [[ $image == *@sha256:* ]] || {{ echo "Error: $image is no digest" >&2; exit 1; }}
    echo "$image ${{FAKE_IDENTITY:-{IDENTITY}}} {ISSUER}" >>signatures
elif [[ $1 == verify ]]; then
    [[ $2 == --certificate-identity && $4 == --certificate-oidc-issuer ]] || exit 64
    touch signatures
    grep -qF -- "$image " signatures || {{ echo "Error: no signatures found" >&2; exit 10; }}
    grep -qxF -- "$image $3 $5" signatures ||
        {{ echo "Error: none of the expected identities matched" >&2; exit 12; }}
fi
"""


def write(folder: Path) -> Path:
    command = folder / "cosign"
    command.write_text(COMMAND)
    command.chmod(0o755)
    return command


def sign(folder: Path, *images: str, identity: str = IDENTITY) -> None:
    """The images, by digest, are signed."""
    lines = "".join(f"{image} {identity} {ISSUER}\n" for image in images)
    with (folder / "signatures").open("a") as signatures:
        signatures.write(lines)
