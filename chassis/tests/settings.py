"""Settings for the chassis' own tests: its middleware over a few views, and nothing of a shop."""

from chassis import conf
from chassis.environment import Environment
from chassis.issuers import Issuer

env = Environment()

vars().update(conf.common(env, "storefront"))
ROOT_URLCONF = "chassis.tests.urls"
INSTALLED_APPS = ["chassis", "django.contrib.contenttypes", "django.contrib.auth"]
MIDDLEWARE = [
    "chassis.health.HealthMiddleware",
    "chassis.metrics.http.MetricsMiddleware",
    "chassis.middleware.RequestIdMiddleware",
    "chassis.middleware.UnavailableMiddleware",
    "chassis.middleware.RequestShapeMiddleware",
]
BODY_LIMITS = {"/upload/": 1024 * 1024}
# The storefront's own suite may run at the same time on the same server.
vars()["DATABASES"]["default"]["TEST"] = {"NAME": "test_chassis"}
vars()["CACHES"]["default"]["KEY_PREFIX"] = "chassis"
vars().update(conf.api("chassis", "What every service stands on."))
CALLERS_STAMP_REQUESTS = False
SERVICE_AUDIENCE = "chassis"
SERVICE_ISSUERS = {
    "storefront": Issuer(
        keys=env.keys("STOREFRONT_PUBLIC_KEYS"),
        scopes=frozenset({"orders"}),
        subjects=frozenset({"guest:"}),
    ),
}
ALLOWED_HOSTS = ["testserver", "127.0.0.1"]

env.finish()
