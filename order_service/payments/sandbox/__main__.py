"""`python -m order_service.payments.sandbox`: the sandbox payment provider as its own process.

Environment: PORT, SANDBOX_LEDGER (path of the SQLite file, kept between runs),
PAYMENT_PROVIDER_KEY, SANDBOX_PUBLIC_URL (default: this address), BIND (default
127.0.0.1).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from order_service.payments.sandbox.ledger import Ledger
from order_service.payments.sandbox.server import Configuration, Server

REQUIRED = ("PORT", "SANDBOX_LEDGER", "PAYMENT_PROVIDER_KEY")


def main() -> int:
    missing = [name for name in REQUIRED if not os.environ.get(name)]
    if missing:
        print(f"Set {', '.join(missing)}.", file=sys.stderr)
        return 2
    address = (os.environ.get("BIND", "127.0.0.1"), int(os.environ["PORT"]))
    public_url = os.environ.get("SANDBOX_PUBLIC_URL") or f"http://{address[0]}:{address[1]}"
    config = Configuration(os.environ["PAYMENT_PROVIDER_KEY"], public_url.rstrip("/"))
    ledger = Ledger(Path(os.environ["SANDBOX_LEDGER"]))
    server = Server(address, ledger, config)

    def stop(signum: int, frame: FrameType | None) -> None:
        # shutdown() waits for serve_forever(), which runs in this very thread.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    ledger.close()
    return 0


sys.exit(main())
