"""Who talks to whom in the shop, as edges: source, destination, port of the destination."""

from __future__ import annotations

SHOP = ("storefront", "product-service", "order-service")
HANDS = ("order-worker", "order-dispatcher")  # the dispatcher works itself while Redis is away
CATALOGUE = ("product-worker", "product-sweep")  # does jobs; announces them
METERED = (*SHOP, *HANDS, *CATALOGUE, "storefront-sweep")

CALLS = {
    ("storefront", "product-service", 8000),
    ("storefront", "order-service", 8000),
    ("order-service", "product-service", 8000),
    *((each, "product-service", 8000) for each in HANDS),
}
DATA = {
    *((each, "postgres", 5432) for each in (*METERED, "migrate", "backup")),
    *((each, "redis-broker", 6379) for each in (*HANDS, *CATALOGUE)),
    *((each, "redis-cache", 6379) for each in (*SHOP, *CATALOGUE)),
}
OTHERS = {  # the bank and the post office of a trial
    *((each, "sandbox", 8000) for each in HANDS),
    *((each, "mail", 1025) for each in HANDS),
}
WATCHING = {
    *(("prometheus", each, 9100) for each in METERED),
    ("prometheus", "alertmanager", 9093),
    ("grafana", "prometheus", 9090),
}
DEMO = {("seed-demo", "postgres", 5432), ("seed-demo", "redis-cache", 6379)}
EDGES = {
    "local": CALLS | DATA | OTHERS | WATCHING | DEMO,
    "staging": CALLS | DATA | OTHERS | WATCHING,
    "production": CALLS | WATCHING,
}
DOORS = {("storefront", 8000), ("grafana", 3000)}

# (who may not, where, port, who may): a port that is closed to everybody would prove nothing.
FORBIDDEN = [
    ("stranger", "product-service", 8000, "storefront"),
    ("stranger", "order-service", 8000, "storefront"),
    ("stranger", "postgres", 5432, "order-service"),
    ("stranger", "redis-broker", 6379, "order-worker"),
    ("stranger", "redis-cache", 6379, "storefront"),
    ("stranger", "storefront", 9100, "prometheus"),
    ("product-service", "order-service", 8000, "storefront"),
    ("order-worker", "order-service", 8000, "storefront"),
    ("product-sweep", "product-service", 8000, "order-worker"),
    ("product-worker", "product-service", 8000, "order-worker"),
    ("product-worker", "mail", 1025, "order-worker"),
    ("storefront-sweep", "order-service", 8000, "storefront"),
    ("storefront-sweep", "redis-cache", 6379, "storefront"),
    ("storefront", "redis-broker", 6379, "order-dispatcher"),
    ("product-service", "redis-broker", 6379, "order-worker"),
    ("order-service", "redis-broker", 6379, "order-worker"),
    ("order-worker", "redis-cache", 6379, "order-service"),
    ("storefront", "sandbox", 8000, "order-worker"),
    ("order-service", "sandbox", 8000, "order-dispatcher"),
    ("product-service", "mail", 1025, "order-worker"),
    ("migrate", "redis-cache", 6379, "product-service"),
    ("backup", "redis-broker", 6379, "order-worker"),
    ("sandbox", "postgres", 5432, "migrate"),
    ("mail", "product-service", 8000, "storefront"),
    ("storefront", "order-worker", 9100, "prometheus"),
    ("grafana", "alertmanager", 9093, "prometheus"),
    ("alertmanager", "prometheus", 9090, "grafana"),
    ("prometheus", "postgres", 5432, "product-sweep"),
]
