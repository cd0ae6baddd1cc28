"""Values that let settings load where nothing is contacted: linters and schema generation."""

from __future__ import annotations

from deploy.local import environment as variables
from deploy.local import keys, ports


def environment() -> dict[str, str]:
    """Every variable that has no default; the addresses lead nowhere."""
    names = (*ports.USUAL, *ports.SERVERS)
    nowhere = f"postgres://nobody@{ports.HOST}:9/nothing"
    return {
        **variables.shared(keys.generate()),
        **variables.addresses(dict.fromkeys(names, 9)),
        **variables.database_urls(dict.fromkeys(keys.SERVICES, nowhere)),
        "REDIS_URL": f"redis://{ports.HOST}:9/0",
        "CACHE_URL": f"redis://{ports.HOST}:9/1",
    }
