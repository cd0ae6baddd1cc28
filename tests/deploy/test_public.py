"""The shop at its own domain: what compose.public.yaml adds, takes away, and refuses."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from chassis import conf
from chassis.environment import Environment
from deploy.public import check
from order_service.mail_settings import mail
from tests.deploy.manifests import ROOT
from tests.deploy.test_compose import SERVICES
from tests.deploy.test_images import DIGEST

DEPLOY = ROOT / "deploy"
COMPOSE = Path(sys.executable).parent / "docker-compose"
GIVEN = {
    "DOMAIN": "shop.my-shop.com",
    "ACME_EMAIL": "ada@my-shop.com",
    "EMAIL_HOST": "smtp.my-shop.com",
    "EMAIL_FROM": "My Shop <shop@my-shop.com>",
}
Config = dict[str, Any]


def config(given: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    files = (part for name in ("compose", "compose.public") for part in ("-f", f"{name}.yaml"))
    command = [str(COMPOSE), *files, "config", "--format", "json"]
    environment = {"PATH": os.environ["PATH"], "HOME": "/nowhere", **given}
    return subprocess.run(command, cwd=DEPLOY, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def merged() -> Config:
    done = config(GIVEN)
    assert done.returncode == 0, done.stderr
    result: Config = json.loads(done.stdout)
    return result


@pytest.fixture(scope="module")
def services(merged: Config) -> dict[str, Config]:
    found: dict[str, Config] = merged["services"]
    return found


def test_what_must_be_set_is_asked_for_by_name() -> None:
    done = config({})
    assert done.returncode != 0
    missing = re.findall(r"required variable (\w+) is missing a value: Set it in", done.stderr)
    assert set(missing) == set(GIVEN)


def test_the_example_names_every_variable_with_its_default() -> None:
    compose = (DEPLOY / "compose.public.yaml").read_text()
    lines = re.findall(
        r"^(#?)([A-Z_]+)=(.*)$", (DEPLOY / "public/example.env").read_text(), re.MULTILINE
    )
    asked = set(re.findall(r"\$\{([A-Z_]+)", compose)) - {"PROXY_FILES"}
    assert {name for _, name, _ in lines} == asked | {"COMPOSE_FILE", "COMPOSE_PROFILES"}
    assert {name for hidden, name, value in lines if not hidden and not value} >= set(GIVEN)
    for hidden, name, value in lines:
        if hidden and value and name in asked:
            assert f"${{{name}:-{value}}}" in compose or f"${{{name}:-}}" in compose, name


def test_the_proxy_is_the_only_door(services: dict[str, Config]) -> None:
    doors = {
        (name, port.get("host_ip", "everywhere"), port["published"])
        for name, each in services.items()
        for port in each.get("ports", ())
    }
    assert doors == {
        ("proxy", "everywhere", "80"),
        ("proxy", "everywhere", "443"),
        ("proxy", "127.0.0.1", "8444"),
        ("proxy", "127.0.0.1", "8445"),
        ("sandbox", "127.0.0.1", "8003"),
    }


def test_the_proxy_meets_nobody_but_whom_it_leads_to(services: dict[str, Config]) -> None:
    def networks(name: str) -> set[str]:
        return set(services[name].get("networks") or ())

    met = {name for name in services if networks(name) & networks("proxy")} - {"proxy"}
    assert met == {"storefront", "product-service", "order-service"}
    new = {"front-door", "catalogue-office", "orders-office"}
    for one, other in combinations(met, 2):
        assert not networks(one) & networks(other) & new, (one, other)


def test_who_gets_out(merged: Config) -> None:
    """The proxy to its authority, who sends mail and asks for money; nobody else is new."""
    outer = {name for name, each in merged["networks"].items() if not each.get("internal")}
    services = merged["services"].items()
    out = {name for name, each in services if outer & set(each.get("networks") or ())}
    assert out == {"proxy", "storefront", "sandbox", "order-worker", "order-dispatcher"}


def test_the_demo_stays_away(services: dict[str, Config]) -> None:
    profiles = {"mail", "seed-demo", "prometheus", "alertmanager", "grafana"}
    assert set(SERVICES) - set(services) == profiles
    assert set(services) - set(SERVICES) == {"proxy", "proxy-volume"}


def test_every_container_keeps_to_its_bounds(services: dict[str, Config]) -> None:
    for name, each in services.items():
        assert each["logging"]["options"] == {"max-size": "10m", "max-file": "5"}, name
        assert int(each["mem_limit"]) > 0, name
        assert each["read_only"], name
        assert each["cap_drop"] == ["ALL"], name
        once = name.startswith("migrate-") or name == "proxy-volume"
        assert each["restart"] == ("no" if once else "unless-stopped"), name
    assert DIGEST.fullmatch(services["proxy"]["image"])
    assert services["proxy"]["user"] == "1001:1001"


@pytest.mark.parametrize("service", ["storefront", "product-service", "order-service"])
def test_cookies_hosts_and_origins_follow_the_domain(
    service: str, services: dict[str, Config]
) -> None:
    env = Environment(services[service]["environment"])
    name = service.replace("-", "_")
    settings = conf.security(env, name)
    assert settings["CSRF_TRUSTED_ORIGINS"] == ["https://shop.my-shop.com"]
    assert settings["SESSION_COOKIE_NAME"] == f"__Host-{name}_session"
    assert settings["CSRF_COOKIE_NAME"] == f"__Host-{name}_csrf"
    assert {"shop.my-shop.com", service} <= set(settings["ALLOWED_HOSTS"])
    assert env.whole("TRUSTED_PROXY_COUNT", 0) == 1
    env.finish()


@pytest.mark.parametrize("service", ["order-worker", "order-dispatcher"])
def test_mails_go_to_the_given_server_with_its_password(
    service: str, services: dict[str, Config], tmp_path: Path
) -> None:
    variables = services[service]["environment"]
    password = variables["EMAIL_PASSWORD_FILE"]
    assert password in {each["target"] for each in services[service]["secrets"]}
    (tmp_path / "password").write_text("secret")
    env = Environment(variables | {"EMAIL_PASSWORD_FILE": str(tmp_path / "password")})
    settings = mail(env)
    env.finish()
    assert settings["EMAIL_HOST"] == "smtp.my-shop.com"
    assert (settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"]) == (587, True)
    assert settings["EMAIL_HOST_PASSWORD"] == "secret"
    assert settings["DEFAULT_FROM_EMAIL"] == GIVEN["EMAIL_FROM"]


def test_names_of_back_offices_reach_the_proxy_and_the_shop() -> None:
    names = {"CATALOGUE_ADMIN_DOMAIN": "goods.my-shop.com", "ORDERS_ADMIN_DOMAIN": "o.my-shop.com"}
    services = json.loads(config(GIVEN | names).stdout)["services"]
    proxy = services["proxy"]["environment"]
    assert (proxy["CATALOGUE_ADMIN"], proxy["ORDERS_ADMIN"]) == tuple(names.values())
    offices = [
        services["order-service"]["environment"]["CATALOGUE_ADMIN_URL"],
        services["product-service"]["environment"]["ORDERS_ADMIN_URL"],
    ]
    assert offices == [f"https://{name}" for name in names.values()]
    hosts = services["order-service"]["environment"]["ALLOWED_HOSTS"].split(",")
    assert {*names.values(), "shop.my-shop.com", "order-service"} <= set(hosts)


# What is looked at before anything starts.


@pytest.fixture
def good(merged: Config, tmp_path: Path) -> Config:
    """The settings with every secret in its place."""
    chosen = copy.deepcopy(merged)
    for name, secret in chosen["secrets"].items():
        secret["file"] = str(tmp_path / name)
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o644)
    return chosen


def troubles(config: Config, *, nowhere: str = "") -> list[str]:
    return list(check.troubles(config, lambda name: name != nowhere))


def test_good_settings_are_good(good: Config) -> None:
    assert troubles(good) == []


@pytest.mark.parametrize(
    ("service", "name", "value", "said"),
    [
        *(
            ("proxy", "DOMAIN", value, "DOMAIN must be a host name of yours")
            for value in (
                *("https://shop.my-shop.com", "shop.my-shop.com:443", "shop.my-shop.com/", "shop"),
                *(
                    "localhost",
                    "192.0.2.1",
                    "shop.example.org",
                    "Shop.my-shop.com",
                    "-a.my-shop.com",
                ),
                *("a_b.my-shop.com", "shop..com", "shop.my-shop.com ", "*.my-shop.com"),
            )
        ),
        ("proxy", "CATALOGUE_ADMIN", "goods", "CATALOGUE_ADMIN_DOMAIN must be a host name"),
        ("proxy", "ORDERS_ADMIN", "shop.my-shop.com", "DOMAIN and ORDERS_ADMIN_DOMAIN must be dif"),
        ("proxy", "ACME_EMAIL", "ada", "ACME_EMAIL must be a mail address of yours"),
        ("proxy", "ACME_EMAIL", "ada@example.org", "ACME_EMAIL must be a mail address of yours"),
        ("proxy", "HSTS", "31536000", "HSTS must be max-age=SECONDS"),
        ("proxy", "HSTS", 'max-age=1"; x', "HSTS must be max-age=SECONDS"),
        ("order-worker", "EMAIL_HOST", "smtp://a", "EMAIL_HOST must be a host name or IP address"),
        ("order-worker", "EMAIL_PORT", "0", "EMAIL_PORT must be a whole number from 1 to 65535"),
        (
            "order-worker",
            "EMAIL_USE_SSL",
            "1",
            "EMAIL_USE_TLS and EMAIL_USE_SSL exclude",
        ),
        ("order-worker", "EMAIL_FROM", "shop", "EMAIL_FROM must be a sender like"),
        ("order-worker", "OWNER_EMAIL", "me@example.org", "OWNER_EMAIL must be an address like"),
        ("order-worker", "EMAIL_FROM", "A <a@example.org>", "EMAIL_FROM must be a sender like"),
        ("order-worker", "STORE_CURRENCY", "EURO", "STORE_CURRENCY must be a code of ISO 4217"),
        ("order-worker", "STORE_TIME_ZONE", "berlin", "STORE_TIME_ZONE must be the IANA name"),
        ("order-worker", "TAX_RATE", "19", "TAX_RATE must be a share from 0 to 0.9999"),
        ("order-worker", "PAYMENT_PROVIDER_URL", "pay", "PAYMENT_PROVIDER_URL must be an address"),
    ],
)
def test_a_wrong_setting_is_named(
    service: str, name: str, value: str, said: str, good: Config
) -> None:
    good["services"][service]["environment"][name] = value
    (line,) = troubles(good)
    assert line.startswith(said)


def test_a_name_without_an_address_is_told_before_the_authority_is_asked(good: Config) -> None:
    (line,) = troubles(good, nowhere="shop.my-shop.com")
    assert line.startswith("DOMAIN: shop.my-shop.com has no address in DNS yet")


def test_a_missing_or_closed_secret_is_named(good: Config, tmp_path: Path) -> None:
    (tmp_path / "EMAIL_PASSWORD").unlink()
    (tmp_path / "ORDER_LINK_KEYS").unlink()
    (tmp_path / "REDIS_URL").chmod(0o600)
    password, links, redis = troubles(good)
    assert password.endswith("EMAIL_PASSWORD is missing: put the password of EMAIL_USER there")
    assert links.endswith("ORDER_LINK_KEYS is missing: run python3 -m deploy.local secrets")
    assert redis.endswith(f"chmod 644 {tmp_path / 'REDIS_URL'}")
