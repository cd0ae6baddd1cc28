"""gunicorn's configuration file for every service: `gunicorn -c python:chassis.gunicorn ...`.

WEB_WORKERS processes; WEB_THREADS above 1 selects the threaded worker, which pays where a view
waits for another service and gives clients keep-alive; 1 selects the plain one.
"""

from __future__ import annotations

import os

_threads = int(os.environ.get("WEB_THREADS", "1"))

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread" if _threads > 1 else "sync"
threads = _threads
backlog = 512
timeout = 30
graceful_timeout = 25
keepalive = 15  # longer than a pooled client keeps a connection idle
max_requests = 0  # a recycled worker refuses connections for a moment; memory is watched instead
preload_app = True  # one import instead of one a worker; nothing connects at import
control_socket_disable = True
worker_tmp_dir = os.environ.get("WORKER_TMP_DIR") or None
accesslog = None  # the application logs each request with its id
errorlog = "-"
loglevel = "warning"
proc_name = os.environ.get("SERVICE", "gunicorn")
# Who may set X-Forwarded-*: never everybody.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
