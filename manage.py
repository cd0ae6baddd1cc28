#!/usr/bin/env python3
"""Django's command line for the three services.

manage.py product_service migrate     one service
manage.py all migrate                 each service that is here in turn, in its own process
manage.py runserver                   DJANGO_SETTINGS_MODULE, or the storefront
"""

import os
import subprocess
import sys
from pathlib import Path

from chassis import interpreter

SERVICES = ("storefront", "product_service", "order_service")


def main(arguments: list[str]) -> int:
    """Run a management command and return its exit code."""
    interpreter.tune()
    first = arguments[0] if arguments else ""
    if first == "all":
        return run_everywhere(arguments[1:])
    if first in SERVICES:
        os.environ["DJANGO_SETTINGS_MODULE"] = f"{first}.settings"
        arguments = arguments[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")
    # One process has its metrics in memory; the files are for servers with several.
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    # Management commands change schemas and load data: no statement may be cut short there.
    if arguments[:1] not in (["dispatch"], ["sweep"], ["runserver"]):
        os.environ.setdefault("STATEMENT_SECONDS", "0")
    # Tables and histories are changed by the role that owns them; nothing else here needs it.
    if arguments[:1] in (["migrate"], ["remove_demo"]):
        os.environ.setdefault("DATABASE_AS_OWNER", "1")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        print("Django is not installed here. Run `make run` once, then use .venv/bin/python.")
        return 1
    execute_from_command_line([sys.argv[0], *arguments])
    return 0


def run_everywhere(arguments: list[str]) -> int:
    """The command once a service, of those that are here; stops at the first that fails."""
    here = Path(__file__).parent
    for service in SERVICES:
        if not (here / service).is_dir():
            continue  # an image holds one of them
        code = subprocess.call([sys.executable, sys.argv[0], service, *arguments])
        if code:
            print(f"{service}: the command failed with exit code {code}; stopped there.")
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
