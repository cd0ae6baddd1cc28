"""Values that let settings load where nothing is contacted: linters, schemas, image builds.

`python -m deploy.local.placeholders manage.py storefront collectstatic` runs a script with them.
"""

from __future__ import annotations

import os
import sys

from deploy.local import environment as variables
from deploy.local import keys, ports


def environment() -> dict[str, str]:
    """Every variable that has no default; the addresses lead nowhere."""
    names = (*ports.USUAL, *ports.SERVERS)
    nowhere = f"postgres://nobody@{ports.HOST}:9/nothing"
    return {
        **variables.shared(keys.generate()),
        **variables.addresses(dict.fromkeys(names, 9)),
        **{f"{service.upper()}_DATABASE_URL": nowhere for service in keys.SERVICES},
        "REDIS_URL": f"redis://{ports.HOST}:9/0",
        "CACHE_URL": f"redis://{ports.HOST}:9/1",
    }


if __name__ == "__main__":
    os.execve(sys.executable, [sys.executable, *sys.argv[1:]], {**os.environ, **environment()})  # noqa: S606
