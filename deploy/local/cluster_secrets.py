"""`python3 -m deploy.local secrets`: the secrets of a shop in containers, generated once.

deploy/secrets/        in no repository, readable by its owner alone
    secrets.env        every value; what is there is kept, what is missing is added
    NAME               one file a value, for compose
    kubernetes.json    the Secrets of the shop's namespace: kubectl --namespace NAME create -f
    monitoring.json    those of the namespace of its monitoring, likewise

Each Secret holds what one workload needs and no more; its keys are the files that the pod sees.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from deploy.local import keys
from deploy.local.folder import ROOT
from deploy.local.terminal import say

FOLDER = ROOT / "deploy" / "secrets"
LOCAL = ("techcommerce", "monitoring")  # the namespaces of the overlay that FOLDER is for
# A client may do all that a queue or a cache needs, and may not administer the server.
REDIS_USER = "user default on >{password} ~* &* +@all -config -debug -module -function -acl\n"
# Incoming webhooks of a chat: set your own in secrets.env. Until then alerts reach nobody.
NO_RECEIVER = "http://127.0.0.1:9/"
RECEIVERS = ("pager", "chat", "dead-man")

SHOP: Mapping[str, tuple[str, ...]] = {
    "storefront": (
        "STOREFRONT_SECRET_KEY",
        "STOREFRONT_SIGNING_KEY",
        "STOREFRONT_DATABASE_PASSWORD",
        "CACHE_URL",
    ),
    "product-service": (
        "PRODUCT_SERVICE_SECRET_KEY",
        "PRODUCT_SERVICE_DATABASE_PASSWORD",
        "ORDER_SERVICE_PUBLIC_KEYS",
        "REDIS_URL",
        "CACHE_URL",
    ),
    "order-service": (
        "ORDER_SERVICE_SECRET_KEY",
        "ORDER_SERVICE_SIGNING_KEY",
        "ORDER_SERVICE_DATABASE_PASSWORD",
        "STOREFRONT_PUBLIC_KEYS",
        "ORDER_LINK_KEYS",
        "PAYMENT_PROVIDER_KEY",
        "REDIS_URL",
        "CACHE_URL",
    ),
    # Those who own the tables: for migrations alone.
    "storefront-owner": ("STOREFRONT_OWNER_DATABASE_PASSWORD",),
    "product-service-owner": ("PRODUCT_SERVICE_OWNER_DATABASE_PASSWORD",),
    "order-service-owner": ("ORDER_SERVICE_OWNER_DATABASE_PASSWORD",),
    "postgres": ("POSTGRES_PASSWORD",),
    "backup": ("BACKUP_DATABASE_PASSWORD",),
    "redis-broker": ("broker-users.conf",),
    "redis-cache": ("cache-users.conf",),
}
MONITORING: Mapping[str, tuple[str, ...]] = {
    "grafana": ("GRAFANA_PASSWORD",),
    "alertmanager": RECEIVERS,
}
SECRETS = {**SHOP, **MONITORING}


def main(arguments: list[str]) -> int:
    """Write the files and say how to hand them over."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    values = complete(keys.kept(folder / "secrets.env"))
    for name in sorted({name for names in SECRETS.values() for name in names}):
        _write(folder / name, values[name])
    say(f"{folder} holds the secrets. On a new cluster:")
    shop, monitoring = ("NAMESPACE", "ITS-MONITORING") if arguments else LOCAL
    for namespace, file, secrets in (
        (shop, "kubernetes.json", SHOP),
        (monitoring, "monitoring.json", MONITORING),
    ):
        _write(folder / file, json.dumps(manifests(values, secrets), indent=1) + "\n")
        say(f"  kubectl --namespace {namespace} create -f {folder / file}")
    return 0


def complete(values: Mapping[str, str]) -> dict[str, str]:
    """With everything that is derived: addresses with passwords, users of the two Redis."""
    return {
        **dict.fromkeys(RECEIVERS, NO_RECEIVER),
        **values,
        "REDIS_URL": f"redis://:{values['REDIS_PASSWORD']}@redis-broker:6379/0",
        "CACHE_URL": f"redis://:{values['CACHE_PASSWORD']}@redis-cache:6379/0",
        "broker-users.conf": REDIS_USER.format(password=values["REDIS_PASSWORD"]),
        "cache-users.conf": REDIS_USER.format(password=values["CACHE_PASSWORD"]),
    }


def manifests(
    values: Mapping[str, str], secrets: Mapping[str, tuple[str, ...]]
) -> dict[str, object]:
    """A List of the Secrets of one namespace; values go in as they are, the server encodes them."""
    labels = {"app.kubernetes.io/part-of": "techcommerce"}
    return {
        "apiVersion": "v1",
        "kind": "List",
        "items": [
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": secret, "labels": labels},
                "stringData": {name: values[name] for name in names},
            }
            for secret, names in secrets.items()
        ],
    }


def _write(file: Path, content: str) -> None:
    """Readable by all: the containers' users differ from ours, and the folder is closed."""
    file.write_text(content)
    file.chmod(0o644)
