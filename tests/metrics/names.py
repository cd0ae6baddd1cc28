"""Every metric name of a service, one a line: `python -m tests.metrics.names order_service`.

For rules and dashboards to be checked against: the names are those that Prometheus stores, so a
histogram gives three of them.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pkgutil import walk_packages

import django
from prometheus_client import REGISTRY

from chassis.metrics.figures import DECLARED
from deploy.local import keys
from tests.servers import SETTINGS

SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
UNUSED = "django_model_"  # declared by django_prometheus itself; no model of ours counts so
NO_DATABASE = "postgres://nobody@127.0.0.1:9/nothing"
SKIPPED = {"tests", "migrations", "__main__"}


def declared(service: str) -> list[str]:
    """Import all of `service`, under settings that name no real server, and look."""
    urls = dict.fromkeys((f"{each.upper()}_DATABASE_URL" for each in keys.SERVICES), NO_DATABASE)
    redis = dict.fromkeys(("REDIS_URL", "CACHE_URL"), "redis://127.0.0.1:9/0")
    secrets = {name: text for name, text in keys.generate().items() if "PASSWORD" not in name}
    os.environ.update({**SETTINGS, **secrets, **urls, **redis})
    os.environ["DJANGO_SETTINGS_MODULE"] = f"{service}.settings"
    django.setup()
    import_module("chassis.gunicorn")
    import_module("chassis.http")
    for package in ("chassis.metrics", service):
        for module in walk_packages(import_module(package).__path__, f"{package}."):
            if not SKIPPED & set(module.name.split(".")):
                import_module(module.name)
    families = {
        f"{family.name}{suffix}"
        for family in REGISTRY.collect()
        for suffix in SUFFIXES.get(family.type, ("",))
    }
    return sorted(name for name in families | DECLARED if not name.startswith(UNUSED))


if __name__ == "__main__":
    print("\n".join(declared(sys.argv[1])))
