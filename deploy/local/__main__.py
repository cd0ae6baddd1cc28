"""`python3 -m deploy.local <command>`: one command starts the shop, one tests it.

This file must parse on any Python 3, so that an old one gets a sentence and not a SyntaxError.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "TechCommerce needs Python 3.11 or newer; this is %s (%s).\n"  # noqa: UP031
        "Fix: install python3.11 and run: python3.11 -m deploy.local %s"
        % (sys.version.split()[0], sys.executable, " ".join(sys.argv[1:]) or "run")
    )

from deploy.local.cli import main

sys.exit(main(sys.argv[1:]))
