"""`python -m sandbox`: the sandbox payment provider as its own process.

Environment: PORT, SANDBOX_LEDGER (path of the SQLite file, kept between runs),
PAYMENT_PROVIDER_KEY (or its _FILE), SANDBOX_PUBLIC_URL (default: this address), BIND
(default 127.0.0.1).
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from pathlib import Path

from chassis.environment import Environment
from sandbox.ledger import Ledger
from sandbox.server import Configuration, Server


def main() -> int:
    env = Environment()
    host, port = env.host("BIND", "127.0.0.1"), env.port("PORT", 0) if env.text("PORT") else 0
    public_url = env.address("SANDBOX_PUBLIC_URL", f"http://{host}:{port}")
    config = Configuration(env.text("PAYMENT_PROVIDER_KEY"), public_url.rstrip("/"))
    file = Path(env.text("SANDBOX_LEDGER"))
    if file.is_dir() or (file.parent.exists() and not file.parent.is_dir()):
        env.refuse("SANDBOX_LEDGER", "the path of a file", str(file))
    env.finish()
    ledger = Ledger(file)
    server = Server((host, port), ledger, config)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        server.serve_forever(poll_interval=0.1)
    server.server_close()
    ledger.close()
    return 0


sys.exit(main())
