"""The environment: everything wrong is named at once, secrets may come from files."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from chassis import conf
from chassis.environment import Environment


def test_all_missing_variables_are_named_at_once() -> None:
    env = Environment({"PORT": "many", "DEBUG": "maybe"})
    env.text("FIRST")
    env.secret("SECOND")
    env.number("PORT", 1)
    env.flag("DEBUG")
    with pytest.raises(ImproperlyConfigured) as caught:
        env.finish()
    for name in ("FIRST is missing", "SECOND is missing", "PORT must be", "DEBUG must be"):
        assert name in str(caught.value)


def test_a_short_secret_is_refused_outside_debug() -> None:
    env = Environment({"KEY": "secret"})
    env.secret("KEY")
    with pytest.raises(ImproperlyConfigured, match="KEY is too short"):
        env.finish()
    relaxed = Environment({"KEY": "secret", "DEBUG": "1"})
    assert relaxed.secret("KEY") == "secret"
    relaxed.finish()


def test_a_secret_may_be_a_mounted_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("x" * 40 + "\n")
    env = Environment({"KEY_FILE": str(tmp_path / "key")})
    assert env.secret("KEY") == "x" * 40
    env.finish()


def test_an_unreadable_secret_file_is_named(tmp_path: Path) -> None:
    env = Environment({"KEY_FILE": str(tmp_path / "absent")})
    env.text("KEY")
    with pytest.raises(ImproperlyConfigured, match="KEY_FILE cannot be read"):
        env.finish()


def test_a_database_address_is_taken_apart() -> None:
    env = Environment({"X_DATABASE_URL": "postgres://us%40er:p%2Fw@db.example:6543/shop"})
    settings = conf.database(env, "X")["default"]
    assert (settings["USER"], settings["PASSWORD"]) == ("us@er", "p/w")
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db.example", "6543", "shop")
    assert "statement_timeout=3000" in settings["OPTIONS"]["options"]


def test_management_commands_run_without_statement_timeouts() -> None:
    env = Environment({"X_DATABASE_URL": "postgres://db/shop", "STATEMENT_SECONDS": "0"})
    assert "options" not in conf.database(env, "X")["default"]["OPTIONS"]
