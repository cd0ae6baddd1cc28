"""Settings of the storefront, from the environment alone; see .env.example."""

from datetime import timedelta

from chassis import conf
from chassis.environment import Environment

env = Environment()

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret("STOREFRONT_SECRET_KEY")
SECRET_KEY_FALLBACKS = env.many("STOREFRONT_SECRET_KEY_FALLBACKS", "")
PUBLIC_URL: str = conf.public_url(env)
TRUSTED_PROXY_COUNT = env.whole("TRUSTED_PROXY_COUNT", 0, most=20)
STORE_CURRENCY = env.currency("STORE_CURRENCY", "EUR")

ROOT_URLCONF = "storefront.urls"
WSGI_APPLICATION = "storefront.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "chassis",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "storefront",
    "storefront.cart",
    "storefront.checkout",
]

MIDDLEWARE = [
    "chassis.health.HealthMiddleware",
    "chassis.metrics.http.MetricsMiddleware",
    "chassis.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "chassis.middleware.ContentSecurityPolicyMiddleware",
    "chassis.middleware.CacheControlMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "chassis.middleware.RequestShapeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "storefront.budget.PageBudgetMiddleware",
    "storefront.guests.GuestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "storefront.errors.ErrorPagesMiddleware",
]

DATABASES = conf.database(env, "STOREFRONT")
CACHE_URL = conf.redis_address(env, "CACHE_URL")
PROMETHEUS_LATENCY_BUCKETS = conf.LATENCY_BUCKETS
CACHES = conf.caches(env, "STOREFRONT")
STORAGES = {"staticfiles": conf.STATIC_STORAGE}
TEMPLATES = conf.templates(
    conf.ROOT / "storefront" / "templates",
    context_processors=[
        "django.contrib.messages.context_processors.messages",
        "storefront.shell.shell",
        "storefront.checkout.context.unanswered_order",
    ],
)
STATICFILES_DIRS = [conf.ROOT / "storefront" / "static"]
STATICFILES_FINDERS = ["storefront.stylesheet.SiteFinder"]
MESSAGE_STORAGE = "storefront.flash.FlashStorage"
CSRF_FAILURE_VIEW = "storefront.errors.csrf_failure"
GUEST_COOKIE_AGE = timedelta(days=90)

# How long personal data stays; see docs/personal-data.md.
SESSION_COOKIE_AGE = int(env.days("SESSION_DAYS", 14).total_seconds())
CART_KEPT = env.days("CART_DAYS", 90)
# order_service knows a key for 7 days. An attempt sent after that would be a second order.
CHECKOUT_KEPT = env.days("CHECKOUT_DAYS", 7, most=7)
RETENTION_INTERVAL_SECONDS = env.seconds("RETENTION_INTERVAL_SECONDS", 60)

SIGNING_KEY = env.key("STOREFRONT_SIGNING_KEY")
PRODUCT_SERVICE_URL = env.address("PRODUCT_SERVICE_URL")
ORDER_SERVICE_URL = env.address("ORDER_SERVICE_URL")

LANGUAGE_CODE = "en"
# What people read is in the shop's zone; what is stored, sent and logged stays in UTC.
TIME_ZONE = env.zone("STORE_TIME_ZONE", "UTC")
USE_TZ = True
FORMAT_MODULE_PATH = "chassis.formats"
LOGGING = conf.logging(env, "storefront")

vars().update(conf.static_files("storefront"))
vars().update(conf.security(env, "storefront"))

env.finish()
