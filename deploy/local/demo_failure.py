"""`demo-failure` freezes product_service for a while, to show that the shop goes on without it."""

from __future__ import annotations

import os
import signal
import time

from deploy.local import leftovers
from deploy.local.failures import Expected, wrong_setting
from deploy.local.folder import RunFolder
from deploy.local.program import signal_group
from deploy.local.terminal import say

VICTIM = "product_service"
LONGEST_SECONDS = 3600


def main(arguments: list[str]) -> int:
    """Freeze product_service for SECONDS (30), then let it go on; also after Ctrl-C."""
    text = os.environ.get("SECONDS_DOWN") or "30"
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= LONGEST_SECONDS):
        allowed = f"a whole number from 1 to {LONGEST_SECONDS}"
        raise wrong_setting(f"SECONDS_DOWN must be {allowed}, not {text!r}")
    seconds = int(text)
    group = leftovers.find(RunFolder.default()).get(VICTIM)
    if group is None:
        raise Expected(
            "The shop is not running.",
            why=f"There is no {VICTIM} to take away.",
            fix="make run   (in another terminal)",
        )
    say(f"  {VICTIM} is frozen for {seconds} s: every call to it hangs.")
    say("  Try: open the order you just placed, and place one more.")
    signal_group(group["pid"], signal.SIGSTOP)
    try:
        for left in range(seconds, 0, -1):
            print(f"\r  back in {left:3d} s ", end="", flush=True)
            time.sleep(1)
    finally:
        signal_group(group["pid"], signal.SIGCONT)
    say(f"\r  {VICTIM} is back; orders that waited for it are being finished.")
    return 0
