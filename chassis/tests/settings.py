"""Settings for the chassis' own tests: its middleware over a few views, and nothing of a shop."""

from chassis import conf
from chassis.environment import Environment
from chassis.issuers import Issuer

env = Environment()

SECRET_KEY = env.secret("STOREFRONT_SECRET_KEY")
ROOT_URLCONF = "chassis.tests.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["chassis", "django.contrib.contenttypes", "django.contrib.auth"]
MIDDLEWARE = [
    "chassis.health.HealthMiddleware",
    "chassis.metrics.http.MetricsMiddleware",
    "chassis.middleware.RequestIdMiddleware",
    "chassis.middleware.UnavailableMiddleware",
    "chassis.middleware.RequestShapeMiddleware",
]
BODY_LIMITS = {"/upload/": 1024 * 1024}
DATABASES = conf.database(env, "STOREFRONT")
# The storefront's own suite may run at the same time on the same server.
DATABASES["default"]["TEST"] = {"NAME": "test_chassis"}
CACHE_URL = conf.redis_address(env, "CACHE_URL")
PROMETHEUS_LATENCY_BUCKETS = conf.LATENCY_BUCKETS
CACHES = conf.caches(env, "CHASSIS")
REST_FRAMEWORK = conf.rest_framework()
SPECTACULAR_SETTINGS = conf.spectacular("chassis", "What every service stands on.")
SERVICE_AUDIENCE = "chassis"
SERVICE_ISSUERS = {
    "storefront": Issuer(
        keys=env.keys("STOREFRONT_PUBLIC_KEYS"),
        scopes=frozenset({"orders"}),
        subjects=frozenset({"guest:"}),
    ),
}
USE_TZ = True
LOGGING = conf.logging(env, "chassis")
ALLOWED_HOSTS = ["testserver", "127.0.0.1"]

env.finish()
