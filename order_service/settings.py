"""Settings of order_service, from the environment alone; see .env.example."""

from datetime import timedelta

from chassis import conf
from chassis.environment import Environment
from chassis.issuers import Issuer
from chassis.worker.settings import celery
from order_service.mail_settings import mail, owner_email

env = Environment()

vars().update(conf.common(env, "order_service"))

INSTALLED_APPS = [
    *conf.BACK_OFFICE_APPS,
    "order_service.backoffice",
    "order_service.staff",
    "order_service.shop",
    "order_service.pricing",
    "order_service.orders",
    "order_service.dispatch",
    "order_service.payments",
    "order_service.pipeline",
    "order_service.notifications",
    "order_service.audit",
]

MIDDLEWARE = [
    *conf.OUTER_MIDDLEWARE,
    *conf.BACK_OFFICE_MIDDLEWARE,
    "order_service.staff.tie.TieMiddleware",
]

REDIS_URL = conf.redis_address(env, "REDIS_URL")
vars().update(
    conf.back_office(
        "order_service.staff.site.OrdersSite", conf.ROOT / "order_service" / "templates"
    )
)
vars().update(
    conf.api(
        "TechCommerce order service",
        "Prices carts and places orders. Each call needs a service token.",
    )
)
SERVICE_AUDIENCE = "order_service"
# Who may call, for what and in whose name; see chassis/issuers.py.
SERVICE_ISSUERS = {
    "storefront": Issuer(
        keys=env.keys("STOREFRONT_PUBLIC_KEYS"),
        scopes=frozenset({"orders"}),
        subjects=frozenset({"guest:", "user:", "service:storefront"}),
    ),
}
SIGNING_KEY = env.key("ORDER_SERVICE_SIGNING_KEY")
ORDER_LINK_KEYS = env.secrets("ORDER_LINK_KEYS")
ORDER_LINK_LIFETIME = env.days("ORDER_LINK_DAYS", 90)
# Where staff open the back office; empty where no address leads to it.
ORDERS_ADMIN_URL = env.address("ORDERS_ADMIN_URL", "", path="/?").rstrip("/")
# Where staff sign in; empty where this back office has a sign-in of its own.
CATALOGUE_ADMIN_URL = env.address("CATALOGUE_ADMIN_URL", "", path="/?").rstrip("/")
# Whether staff need a second factor. They give it at the catalogue, so they must sign in there.
STAFF_SECOND_FACTOR = env.flag("STAFF_SECOND_FACTOR")
if STAFF_SECOND_FACTOR and not CATALOGUE_ADMIN_URL:
    env.refuse("CATALOGUE_ADMIN_URL", "set where STAFF_SECOND_FACTOR is 1", "")

PRODUCT_SERVICE_URL = env.address("PRODUCT_SERVICE_URL")
# Code of a payment provider -> factory of its gateway. A gateway of your own is a line here.
PAYMENT_GATEWAYS = {"sandbox": "order_service.payments.gateways.sandbox.gateway"}
# The codes in use; the first takes tokens that no gateway offers. A payment keeps the code of its
# provider, so a code stays in use as long as one of its payments is open.
PAYMENT_PROVIDERS = env.many(
    "PAYMENT_PROVIDERS",
    "sandbox",
    PAYMENT_GATEWAYS.__contains__,
    f"codes among: {', '.join(PAYMENT_GATEWAYS)}",
)
if "sandbox" in PAYMENT_PROVIDERS:
    PAYMENT_PROVIDER_URL = env.address("PAYMENT_PROVIDER_URL")
    PAYMENT_PROVIDER_KEY = env.text("PAYMENT_PROVIDER_KEY")
# What a new shop begins with; afterwards the rate table holds (order_service.pricing).
TAX_RATE = env.share("TAX_RATE", "0.19")
TAX_RATE_IS_SET = bool(env.text("TAX_RATE", ""))

vars().update(celery(env))
CELERY_TASK_DEFAULT_QUEUE = "orders"
CELERY_TASK_ROUTES = {
    "order_service.notifications.deliver_to_owner": {"queue": "owner"},
    "order_service.notifications.*": {"queue": "notifications"},
}

# How long the pipeline waits; tests shorten it.
ORDER_LEASE = timedelta(seconds=env.seconds("ORDER_LEASE_SECONDS", 20))
ORDER_RESEND = timedelta(seconds=env.seconds("ORDER_RESEND_SECONDS", 4))
ORDER_RETRY = timedelta(seconds=env.seconds("ORDER_RETRY_SECONDS", 5))
ORDER_RETRY_MAX = timedelta(seconds=env.seconds("ORDER_RETRY_MAX_SECONDS", 300))
ORDER_ADVANCE = timedelta(seconds=env.seconds("ORDER_ADVANCE_SECONDS", 15))
INLINE_AFTER = timedelta(seconds=env.seconds("INLINE_AFTER_SECONDS", 10))
# product_service holds stock for a day at most.
RESERVATION_LIFETIME = timedelta(
    seconds=env.whole("RESERVATION_SECONDS", 1800, least=1, most=86_400)
)
AWAITING_SHOPPER = timedelta(seconds=env.seconds("AWAITING_SHOPPER_SECONDS", 600))
DISPATCH_INTERVAL_SECONDS = env.seconds("DISPATCH_INTERVAL_SECONDS", 0.2)
CHAOS = env.flag("CHAOS")
RECONCILE_SECONDS = env.seconds("RECONCILE_SECONDS", 60)

vars().update(mail(env))
OWNER_EMAIL: str = owner_email(env)

env.finish()
