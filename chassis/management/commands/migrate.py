"""Django's own `migrate`, one at a time: of several started at once one works, the others wait."""

import time

from django.core.management.commands.migrate import Command as Migrate

from chassis.loop import advisory_lock


class Command(Migrate):
    def handle(self, *args: object, **options: object) -> str | None:
        while True:
            with advisory_lock("migrate") as held:
                if held:
                    return super().handle(*args, **options)
            # Asked again and again instead of waited for: a session that waits inside PostgreSQL
            # keeps a snapshot, and CREATE INDEX CONCURRENTLY would wait for that in turn.
            time.sleep(0.5)
