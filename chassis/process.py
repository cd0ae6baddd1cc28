"""The variables of one process, checked before it opens a port; see .env.example.

Read at import, by whatever serves metrics or requests. A wrong one ends the process.
"""

from __future__ import annotations

from ipaddress import ip_network

from chassis.conf import ROOT
from chassis.environment import Environment

env = Environment()

BIND = env.host("BIND", "127.0.0.1")
PORT = env.port("PORT", 8000)
METRICS_PORT = env.whole("METRICS_PORT", 0, most=65_535)  # 0: none
PROMETHEUS_MULTIPROC_DIR = env.folder("PROMETHEUS_MULTIPROC_DIR")
PROGRESS_SECONDS = env.seconds("PROGRESS_SECONDS", 60)
SERVICE = env.text("SERVICE", "")
VERSION = env.text("VERSION", "development")
REVISION = env.text("REVISION", "unknown")
WEB_WORKERS = env.whole("WEB_WORKERS", 2, least=1, most=100)
WEB_THREADS = env.whole("WEB_THREADS", 1, least=1, most=100)
# At least longer than chassis.pool goes on using an idle connection.
KEEP_ALIVE_SECONDS = env.whole("KEEP_ALIVE_SECONDS", 75, least=15, most=3600)
WORKER_TMP_DIR = env.folder("WORKER_TMP_DIR")
FORWARDED_ALLOW_IPS = env.many(
    "FORWARDED_ALLOW_IPS",
    "127.0.0.1",
    lambda text: text == "*" or ip_network(text),
    "IP addresses or networks, or *",
)

if SERVICE and not (ROOT / SERVICE / "wsgi.py").is_file():
    env.refuse("SERVICE", "storefront, product_service or order_service", SERVICE)

env.finish()
