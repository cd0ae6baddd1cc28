"""Django's own `migrate`, one at a time: of several started at once one works, the others wait.

Afterwards the runtime role gets its rights on the tables, if another role owns them.
"""

import time
from pathlib import Path

from django.core.management import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import Error, connection, transaction
from django.db.migrations.exceptions import MigrationSchemaMissing
from psycopg.errors import InsufficientPrivilege

from chassis.loop import advisory_lock

RIGHTS = Path(__file__).parents[2] / "rights.sql"
HELP = 'See "The roles of a database" in docs/deploy.md.'


class Command(Migrate):
    def handle(self, *args: object, **options: object) -> str | None:
        try:
            return self._handle_in_turn(*args, **options)
        except Error as error:
            if not _lacks_rights(error):
                raise
            role, said = connection.settings_dict["USER"], str(error).strip().splitlines()[0]
            raise CommandError(
                f"The role {role} cannot migrate: {said.rstrip('.')}. {HELP}"
            ) from error

    def _handle_in_turn(self, *args: object, **options: object) -> str | None:
        while True:
            with advisory_lock("migrate") as held:
                if held:
                    result = super().handle(*args, **options)
                    if not options["plan"]:
                        grant_rights()
                    return result
            # Asked again and again instead of waited for: a session that waits inside PostgreSQL
            # keeps a snapshot, and CREATE INDEX CONCURRENTLY would wait for that in turn.
            time.sleep(0.5)


def grant_rights() -> None:
    """Let the runtime role read and write rows; nothing to do where it owns the tables itself."""
    runtime, user = (connection.settings_dict[name] for name in ("RUNTIME_USER", "USER"))
    if runtime == user:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('shop.runtime', %s, true)", [runtime])
        cursor.execute(RIGHTS.read_text())


def _lacks_rights(error: Error) -> bool:
    """Whether the server refused the role or what it wanted; a connection has no code for that."""
    return (
        isinstance(error, MigrationSchemaMissing)
        or isinstance(error.__cause__, InsufficientPrivilege)
        or "authentication failed" in str(error)
    )
