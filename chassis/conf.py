"""Settings from the environment, and the blocks that all services build theirs from.

    env = Environment()
    vars().update(common(env, "order_service"))
    env.finish()            # names every missing or malformed variable at once

Nothing here branches on the name of an environment. A secret has no default, and
outside DEBUG a short one is refused as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from chassis import logs
from chassis.environment import HOST_PATTERN, Environment

ROOT = Path(__file__).resolve().parent.parent

# Seconds; each threshold of a promise to shoppers is one of them. Read by django-prometheus.
LATENCY_BUCKETS = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0),
    float("inf"),
)


# The options of libpq that an address of a database may have.
LIBPQ = ("channel_binding", "sslcert", "sslkey", "sslmode", "sslrootcert", "target_session_attrs")


def database(env: Environment, service: str) -> dict[str, Any]:
    """DATABASES of one service from <SERVICE>_DATABASE_URL, for web processes and workers.

    With DATABASE_AS_OWNER it is <SERVICE>_OWNER_DATABASE_URL, if there is one: the role that owns
    the tables and migrates. RUNTIME_USER, which Django does not know, is the role that serves.

    The connection options end a runaway statement (3 s), a long wait for a lock (2 s) and a
    forgotten transaction (5 s). Migrations, seeding and audits set STATEMENT_SECONDS=0, which
    turns all three off. What is sent for the sixth time on a connection is prepared there.
    """
    url = runtime = _database_address(env, f"{service}_DATABASE_URL")
    role = service
    owner_url = f"{service}_OWNER_DATABASE_URL"
    if env.flag("DATABASE_AS_OWNER") and (given := _database_address(env, owner_url, "")).path:
        url, role = given, f"{service}_OWNER"
    options: dict[str, Any] = {"connect_timeout": 2, "application_name": service.lower()}
    options |= parse_qsl(url.query)
    if env.flag("PREPARED_STATEMENTS", default=True):
        options |= {"server_side_binding": True, "prepare_threshold": 5}
    if statement_ms := int(1000 * env.seconds("STATEMENT_SECONDS", 3, least=0)):
        options["options"] = (
            f"-c statement_timeout={statement_ms} -c lock_timeout=2000"
            f" -c idle_in_transaction_session_timeout={max(5000, statement_ms)}"
        )
    return {
        "default": {
            "ENGINE": "chassis.database",
            "NAME": url.path.lstrip("/"),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or "") or env.text(f"{role}_DATABASE_PASSWORD", ""),
            "RUNTIME_USER": unquote(runtime.username or ""),
            "HOST": url.hostname or "",
            "PORT": str(url.port or ""),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
            "DISABLE_SERVER_SIDE_CURSORS": True,
        }
    }


def _database_address(env: Environment, name: str, default: str | None = None) -> SplitResult:
    like, kinds = "postgres://user@127.0.0.1:5432/shop", ("postgres", "postgresql")
    url = urlsplit(env.address(name, default, schemes=kinds, path="/.+", like=like))
    for option, _ in parse_qsl(url.query, keep_blank_values=True):
        if option not in LIBPQ:
            allowed = f"an address with no options but {', '.join(LIBPQ[:-1])} or {LIBPQ[-1]}"
            env.refuse(name, allowed, None if "@" in url.query else option)
    return url


def redis_address(env: Environment, name: str) -> str:
    """A Redis server, and the number of a database there."""
    return env.address(
        name, schemes=("redis", "rediss"), path="/?[0-9]*", like="redis://127.0.0.1:6379/0"
    )


def common(env: Environment, service: str) -> dict[str, Any]:
    """What every service has alike; `service` is the name of its package."""
    capitals = service.upper()
    cache = redis_address(env, "CACHE_URL")
    return {
        "DEBUG": env.flag("DEBUG"),
        "SECRET_KEY": env.secret(f"{capitals}_SECRET_KEY"),
        "SECRET_KEY_FALLBACKS": env.many(f"{capitals}_SECRET_KEY_FALLBACKS", ""),
        "PUBLIC_URL": public_url(env),
        "TRUSTED_PROXY_COUNT": env.whole("TRUSTED_PROXY_COUNT", 0, most=20),
        "STORE_CURRENCY": env.currency("STORE_CURRENCY", "EUR"),
        "ROOT_URLCONF": f"{service}.urls",
        "WSGI_APPLICATION": f"{service}.wsgi.application",
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "DATABASES": database(env, capitals),
        "CACHE_URL": cache,
        "CACHES": {
            "default": {
                "BACKEND": "chassis.metrics.cache.RedisCache",
                "LOCATION": cache,
                "KEY_PREFIX": service,
                # It may vanish any time, so every wait is short.
                "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
            }
        },
        "PROMETHEUS_LATENCY_BUCKETS": LATENCY_BUCKETS,
        "LANGUAGE_CODE": "en",
        # What people read is in the shop's zone; what is stored, sent and logged stays in UTC.
        "TIME_ZONE": env.zone("STORE_TIME_ZONE", "UTC"),
        "FORMAT_MODULE_PATH": "chassis.formats",
        "LOGGING": logging(env, service),
        "STATIC_URL": "/static/",
        "STATIC_ROOT": ROOT / "staticfiles" / service,
        "STORAGES": {"staticfiles": STATIC_STORAGE},
        "WHITENOISE_KEEP_ONLY_HASHED_FILES": True,
        **security(env, service),
    }


# With hashed names; `collectstatic` runs at build time and in `make run`.
STATIC_STORAGE = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}


def api(title: str, description: str) -> dict[str, Any]:
    """JSON in, JSON out, service tokens, problem details, and their description."""
    return {
        "REST_FRAMEWORK": {
            "DEFAULT_AUTHENTICATION_CLASSES": ["chassis.auth.ServiceTokenAuthentication"],
            "DEFAULT_PERMISSION_CLASSES": [],
            "DEFAULT_PARSER_CLASSES": ["chassis.drf_errors.JSONParser"],
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
            "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
            "EXCEPTION_HANDLER": "chassis.drf_errors.exception_handler",
            "UNAUTHENTICATED_USER": None,
            "TEST_REQUEST_DEFAULT_FORMAT": "json",
        },
        "SPECTACULAR_SETTINGS": {
            "TITLE": title,
            "DESCRIPTION": f"{description} docs/api.md in the repository places a first order with"
            " curl. The `type` of an error leads to a page that says what to do:"
            " [all error codes](/errors/).",
            "VERSION": "1.0.0",
            "OAS_VERSION": "3.1.0",
            "COMPONENT_SPLIT_REQUEST": True,
        },
        "CALLERS_STAMP_REQUESTS": True,
    }


BACK_OFFICE_APPS = (
    "chassis",
    "chassis.back_office.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
)

# The order matters: what answers or refuses is counted, logged and hardened by those before it.
OUTER_MIDDLEWARE = (
    "chassis.health.HealthMiddleware",
    "chassis.metrics.http.MetricsMiddleware",
    "chassis.middleware.RequestIdMiddleware",
)
HARDENING_MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "chassis.middleware.HeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)
BACK_OFFICE_MIDDLEWARE = (
    *HARDENING_MIDDLEWARE,
    "chassis.middleware.UnavailableMiddleware",
    "chassis.middleware.RequestShapeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
)


def back_office(site: str, *folders: Path) -> dict[str, Any]:
    """How staff sign in and see their pages: at the admin site of that class, with the templates
    in `folders`."""
    validators = ("MinimumLength", "CommonPassword", "UserAttributeSimilarity")
    return {
        "BACK_OFFICE_SITE": site,
        "CSRF_FAILURE_VIEW": "chassis.back_office.kept.csrf_failure",
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"django.contrib.auth.password_validation.{name}Validator"}
            for name in validators
        ],
        "TEMPLATES": templates(
            "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages",
            folders=folders,
        ),
    }


def templates(*context_processors: str, folders: Sequence[Path] = ()) -> list[dict[str, Any]]:
    request = "django.template.context_processors.request"
    return [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": list(folders),
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": [request, *context_processors]},
        }
    ]


# A browser sends one of these only to its own machine, so they are always good: the services call
# each other by them where all run on one machine, whatever the shop's public name is.
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def public_url(env: Environment) -> str:
    """The address under which shoppers see the shop, without a slash at the end."""
    return env.address("PUBLIC_URL", "http://127.0.0.1:8000", path="/?").rstrip("/")


def security(env: Environment, service: str) -> dict[str, Any]:
    """Browser-side hardening. Secure cookies, `__Host-` and HSTS follow PUBLIC_URL's scheme.

    Django's own values hold for the rest: HttpOnly, SameSite=Lax, nosniff, same-origin, no frames.
    """
    address = public_url(env)
    names = "host names without scheme and port"
    hosts = env.many("ALLOWED_HOSTS", "localhost", HOST_PATTERN.fullmatch, names)
    is_https = address.startswith("https://")
    prefix = "__Host-" if is_https else ""
    return {
        "ALLOWED_HOSTS": [*hosts, *LOOPBACK],
        "CSRF_TRUSTED_ORIGINS": [address],
        "SESSION_COOKIE_NAME": f"{prefix}{service}_session",
        "CSRF_COOKIE_NAME": f"{prefix}{service}_csrf",
        "SESSION_COOKIE_SECURE": is_https,
        "CSRF_COOKIE_SECURE": is_https,
        "CSRF_COOKIE_HTTPONLY": True,
        "SECURE_HSTS_SECONDS": 31_536_000 if is_https else 0,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": is_https,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if is_https else None,
    }


def logging(env: Environment, service: str) -> dict[str, Any]:
    """LOGGING: JSON lines by default, readable lines with LOG_FORMAT=console."""
    levels = ("DEBUG", "INFO", "WARN", "WARNING", "ERROR", "CRITICAL")
    return logs.configuration(
        level=env.choice("LOG_LEVEL", "INFO", levels).upper(),
        as_json=env.choice("LOG_FORMAT", "json", ("json", "console")) == "json",
        service=service,
    )
