"""The environment: everything wrong is named at once, secrets may come from files."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from chassis import conf
from chassis.environment import Environment


def test_all_missing_variables_are_named_at_once() -> None:
    env = Environment({"PORT": "many", "DEBUG": "maybe"})
    env.text("FIRST")
    env.secret("SECOND")
    env.number("PORT", 1)
    env.flag("DEBUG")
    with pytest.raises(SystemExit) as caught:
        env.finish()
    for name in ("FIRST is missing", "SECOND is missing", "PORT must be", "DEBUG must be"):
        assert name in str(caught.value)


def test_a_short_secret_is_refused_outside_debug() -> None:
    env = Environment({"KEY": "secret"})
    env.secret("KEY")
    with pytest.raises(SystemExit, match="KEY is too short"):
        env.finish()
    relaxed = Environment({"KEY": "secret", "DEBUG": "1"})
    assert relaxed.secret("KEY") == "secret"
    relaxed.finish()


@pytest.mark.parametrize("number", ["inf", "-inf", "nan", "many"])
def test_what_is_no_number_is_named(number: str) -> None:
    env = Environment({"SECONDS": number, "PORT": number})
    env.number("SECONDS", 1)
    env.whole("PORT", 1)
    with pytest.raises(SystemExit, match=r"SECONDS must be .*PORT must be"):
        env.finish()


@pytest.mark.parametrize("period", ["0", "-1", "7.1", "1e30", "nan", "a week"])
def test_a_period_is_more_than_nothing_and_has_an_end(period: str) -> None:
    env = Environment({"KEPT_DAYS": period})
    assert env.days("KEPT_DAYS", 3, most=7) == timedelta(days=3)
    with pytest.raises(SystemExit, match="KEPT_DAYS must be"):
        env.finish()


@pytest.mark.parametrize("given", ["0.5", ".5"])
def test_a_period_may_be_a_part_of_a_day(given: str) -> None:
    env = Environment({"KEPT_DAYS": given})
    assert env.days("KEPT_DAYS", 3) == timedelta(hours=12)
    env.finish()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [("x", "too short"), (f"{'y' * 32},x", "too short"), (",", "no value"), ("", "missing")],
)
def test_each_of_several_secrets_is_checked(given: str, complaint: str) -> None:
    env = Environment({"KEYS": given})
    env.secrets("KEYS")
    with pytest.raises(SystemExit, match=f"KEYS .*{complaint}"):
        env.finish()


def test_several_good_secrets_are_accepted() -> None:
    env = Environment({"KEYS": f"{'x' * 32}, {'y' * 40}"})
    assert env.secrets("KEYS") == ["x" * 32, "y" * 40]
    env.finish()


@pytest.mark.parametrize("given", ["x", "A" * 42, "A" * 44, "\u00e9" * 43, f"{'A' * 43},x"])
def test_what_is_no_key_is_named(given: str) -> None:
    env = Environment({"KEY": given, "KEYS": given})
    env.key("KEY")
    env.keys("KEYS")
    with pytest.raises(SystemExit, match=r"KEY is not a key.*KEYS is not a key"):
        env.finish()


def test_good_keys_are_accepted() -> None:
    env = Environment({"KEY": "A" * 43, "KEYS": f"{'A' * 43},{'B' * 43}"})
    assert (env.key("KEY"), env.keys("KEYS")) == ("A" * 43, ["A" * 43, "B" * 43])
    env.finish()


def test_a_secret_may_be_a_mounted_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("x" * 40 + "\n")
    env = Environment({"KEY_FILE": str(tmp_path / "key")})
    assert env.secret("KEY") == "x" * 40
    env.finish()


def test_an_empty_variable_hides_no_file(tmp_path: Path) -> None:
    (tmp_path / "rate").write_text("0.07\n")
    env = Environment({"RATE": "", "RATE_FILE": str(tmp_path / "rate")})
    assert env.share("RATE", "0.19") == Decimal("0.07")
    env.finish()


@pytest.mark.parametrize("given", [".19", "0.19", "0.190000", ""])
def test_a_share_may_be_written_like_any_number(given: str) -> None:
    env = Environment({"RATE": given})
    assert str(env.share("RATE", "0.19")) == "0.19"
    env.finish()


def test_an_unreadable_secret_file_is_named(tmp_path: Path) -> None:
    env = Environment({"KEY_FILE": str(tmp_path / "absent")})
    env.text("KEY")
    with pytest.raises(SystemExit, match="KEY_FILE cannot be read"):
        env.finish()


def test_a_database_address_is_taken_apart() -> None:
    env = Environment({"X_DATABASE_URL": "postgres://us%40er:p%2Fw@db.example:6543/shop"})
    settings = conf.database(env, "X")["default"]
    assert (settings["USER"], settings["PASSWORD"]) == ("us@er", "p/w")
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db.example", "6543", "shop")
    assert "statement_timeout=3000" in settings["OPTIONS"]["options"]


# pragma: allowlist nextline secret
@pytest.mark.parametrize("start", ["postgres://", "postgres://user@", "postgresql://user:pw@"])
def test_a_database_may_be_behind_a_unix_socket(start: str) -> None:
    env = Environment({"X_DATABASE_URL": f"{start}/shop"})
    settings = conf.database(env, "X")["default"]
    env.finish()
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("", "", "shop")


def test_how_a_connection_is_guarded_is_not_dropped() -> None:
    address = "postgres://db/shop?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem"
    env = Environment({"X_DATABASE_URL": address})
    options = conf.database(env, "X")["default"]["OPTIONS"]
    env.finish()
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/etc/ca.pem")
    assert options["connect_timeout"] == 2


@pytest.mark.parametrize(
    ("query", "shown"),
    [("sslmod=require", ", not 'sslmod'"), ("options=-c", ", not 'options'"), ("a=1@b", "")],
)
def test_an_option_of_a_database_address_that_would_be_dropped_is_refused(
    query: str, shown: str
) -> None:
    env = Environment({"X_DATABASE_URL": f"postgres://u:pw@db/shop?sslmode=require&{query}"})
    conf.database(env, "X")
    with pytest.raises(SystemExit, match="X_DATABASE_URL must be") as told:
        env.finish()
    assert str(told.value).endswith(
        f"sslrootcert or target_session_attrs{shown}. See .env.example."
    )


def test_management_commands_run_without_statement_timeouts() -> None:
    env = Environment({"X_DATABASE_URL": "postgres://db/shop", "STATEMENT_SECONDS": "0"})
    assert "options" not in conf.database(env, "X")["default"]["OPTIONS"]


AWAY = {"X_OWNER_DATABASE_PASSWORD_FILE": "/nowhere"}
BOTH = {
    "X_DATABASE_URL": "postgres://shop@db/shop",
    "X_DATABASE_PASSWORD": "serves",
    "X_OWNER_DATABASE_URL": "postgres://shop_owner@db/shop",
    "X_OWNER_DATABASE_PASSWORD": "owns",
}


@pytest.mark.parametrize(
    ("variables", "role"),
    [
        (BOTH, ("shop", "serves")),
        (BOTH | {"DATABASE_AS_OWNER": "1"}, ("shop_owner", "owns")),
        (BOTH | {"DATABASE_AS_OWNER": "1", "X_OWNER_DATABASE_URL": ""}, ("shop", "serves")),
    ],
    ids=["a process that serves", "a migration", "a migration where there is one role"],
)
def test_only_what_asks_for_it_works_as_the_owner(
    variables: dict[str, str], role: tuple[str, str]
) -> None:
    settings = conf.database(Environment(variables), "X")["default"]
    assert (settings["USER"], settings["PASSWORD"]) == role
    assert settings["RUNTIME_USER"] == "shop"


def test_a_process_that_serves_needs_no_password_of_the_owner() -> None:
    env = Environment(BOTH | {"X_OWNER_DATABASE_PASSWORD": "", **AWAY})
    conf.database(env, "X")
    env.finish()
