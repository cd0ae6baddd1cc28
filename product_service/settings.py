"""Settings of product_service, from the environment alone; see .env.example."""

from typing import Any

from chassis import conf
from chassis.environment import Environment
from chassis.issuers import Issuer
from chassis.worker.settings import celery

env = Environment()

vars().update(conf.common(env, "product_service"))

INSTALLED_APPS = [
    *conf.BACK_OFFICE_APPS,
    "django.contrib.postgres",
    "product_service",
    "product_service.catalogue",
    "product_service.inventory",
    "product_service.bulk",
    "product_service.stocktake",
    "product_service.jobs",
    "product_service.transfer",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "product_service.staff",
    "product_service.backoffice",
    "product_service.demo",
]

MIDDLEWARE = [
    *conf.OUTER_MIDDLEWARE,
    "product_service.catalogue.cache.ReadyMiddleware",
    *conf.BACK_OFFICE_MIDDLEWARE,
]

STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "product_service.catalogue.storage.BlobStorage"},
    "staticfiles": conf.STATIC_STORAGE,
}
# Pictures are uploaded in the back office; everything else keeps the common limit. Three of the
# largest fit, and both what the front door keeps in files (chassis.front_door.UPLOAD_BYTES) and,
# twice over for each of two workers, the pod's /tmp.
UPLOADS_TOGETHER = 30 * 1024 * 1024
BODY_LIMITS = {"/admin/": UPLOADS_TOGETHER + 1024 * 1024}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a product may have 1,000 variants, the most of a form

vars().update(conf.back_office("product_service.staff.site.CatalogueSite"))
# Where staff open the back office of the orders; empty where no address leads to it.
ORDERS_ADMIN_URL = env.address("ORDERS_ADMIN_URL", "", path="/?").rstrip("/")
vars().update(
    conf.api(
        "TechCommerce product service",
        "Products, prices and stock. Reading the catalogue needs no token.",
    )
)
SERVICE_AUDIENCE = "product_service"
# Who may call, for what and in whose name; see chassis/issuers.py. The storefront needs no token.
SERVICE_ISSUERS = {
    "order_service": Issuer(
        keys=env.keys("ORDER_SERVICE_PUBLIC_KEYS"),
        scopes=frozenset({"reservations", "staff"}),
        subjects=frozenset({"service:order_service"}),
    ),
}
# Whether staff give a code of an app as well as their password.
STAFF_SECOND_FACTOR = env.flag("STAFF_SECOND_FACTOR")
OTP_TOTP_ISSUER = "TechCommerce"

REDIS_URL = conf.redis_address(env, "REDIS_URL")
vars().update(celery(env))
CELERY_TASK_DEFAULT_QUEUE = "catalogue"
# Code of a kind of job -> what begins it; see product_service/jobs/kinds.py.
JOB_KINDS = {
    "import_check": "product_service.transfer.actions.check.begin",
    "import_apply": "product_service.transfer.actions.apply.begin",
    "import_undo": "product_service.transfer.actions.undo.begin",
}

SWEEP_INTERVAL_SECONDS = env.seconds("SWEEP_INTERVAL_SECONDS", 5)

env.finish()
