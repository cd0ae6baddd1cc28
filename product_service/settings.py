"""Settings of product_service, from the environment alone; see .env.example."""

from typing import Any

from chassis import conf
from chassis.environment import Environment
from chassis.issuers import Issuer

env = Environment()

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret("PRODUCT_SERVICE_SECRET_KEY")
SECRET_KEY_FALLBACKS = env.many("PRODUCT_SERVICE_SECRET_KEY_FALLBACKS", "")
PUBLIC_URL: str = conf.public_url(env)
TRUSTED_PROXY_COUNT = env.whole("TRUSTED_PROXY_COUNT", 0, most=20)
STORE_CURRENCY = env.currency("STORE_CURRENCY", "EUR")

ROOT_URLCONF = "product_service.urls"
WSGI_APPLICATION = "product_service.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "chassis",
    "chassis.back_office.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "product_service",
    "product_service.catalogue",
    "product_service.inventory",
    "product_service.backoffice",
    "product_service.demo",
]

MIDDLEWARE = [
    "chassis.health.HealthMiddleware",
    "chassis.metrics.http.MetricsMiddleware",
    "chassis.middleware.RequestIdMiddleware",
    "product_service.catalogue.cache.ReadyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "chassis.middleware.ContentSecurityPolicyMiddleware",
    "chassis.middleware.CacheControlMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "chassis.middleware.UnavailableMiddleware",
    "chassis.middleware.RequestShapeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

DATABASES = conf.database(env, "PRODUCT_SERVICE")
CACHE_URL = conf.redis_address(env, "CACHE_URL")
PROMETHEUS_LATENCY_BUCKETS = conf.LATENCY_BUCKETS
CALLERS_STAMP_REQUESTS = True
CACHES = conf.caches(env, "PRODUCT_SERVICE")
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "product_service.catalogue.storage.BlobStorage"},
    "staticfiles": conf.STATIC_STORAGE,
}
TEMPLATES = conf.templates(context_processors=conf.ADMIN_CONTEXT)
# Pictures are uploaded in the back office; everything else keeps the common limit. Three of the
# largest fit, and both what the front door keeps in files (chassis.front_door.UPLOAD_BYTES) and,
# twice over for each of two workers, the pod's /tmp.
UPLOADS_TOGETHER = 30 * 1024 * 1024
BODY_LIMITS = {"/admin/": UPLOADS_TOGETHER + 1024 * 1024}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a product may have 1,000 variants, the most of a form

REST_FRAMEWORK = conf.rest_framework()
SPECTACULAR_SETTINGS = conf.spectacular(
    "TechCommerce product service",
    "Products, prices and stock. Reading the catalogue needs no token."
    " docs/api.md in the repository places a first order with curl. The `type` of an error leads to"
    " a page that says what to do: [all error codes](/errors/).",
)
SERVICE_AUDIENCE = "product_service"
# Who may call, for what and in whose name; see chassis/issuers.py. The storefront needs no token.
SERVICE_ISSUERS = {
    "order_service": Issuer(
        keys=env.keys("ORDER_SERVICE_PUBLIC_KEYS"),
        scopes=frozenset({"reservations"}),
        subjects=frozenset({"service:order_service"}),
    ),
}

SWEEP_INTERVAL_SECONDS = env.seconds("SWEEP_INTERVAL_SECONDS", 5)

CSRF_FAILURE_VIEW = "chassis.back_office.kept.csrf_failure"
AUTH_PASSWORD_VALIDATORS = conf.PASSWORD_VALIDATORS
LANGUAGE_CODE = "en"
# What people read is in the shop's zone; what is stored, sent and logged stays in UTC.
TIME_ZONE = env.zone("STORE_TIME_ZONE", "UTC")
USE_TZ = True
FORMAT_MODULE_PATH = "chassis.formats"
LOGGING = conf.logging(env, "product_service")

vars().update(conf.static_files("product_service"))
vars().update(conf.security(env, "product_service"))

env.finish()
