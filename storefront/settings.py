"""Settings of the storefront, from the environment alone; see .env.example."""

from datetime import timedelta

from chassis import conf
from chassis.environment import Environment

env = Environment()

vars().update(conf.common(env, "storefront"))

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
    *conf.OUTER_MIDDLEWARE,
    "storefront.budget.PageBudgetMiddleware",
    "storefront.ready.middleware.ReadyPagesMiddleware",
    *conf.HARDENING_MIDDLEWARE,
    "chassis.middleware.RequestShapeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "storefront.guests.GuestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "storefront.errors.ErrorPagesMiddleware",
]

TEMPLATES = conf.templates(
    "django.contrib.messages.context_processors.messages",
    "storefront.shell.shell",
    "storefront.checkout.context.unanswered_order",
    folders=[conf.ROOT / "storefront" / "templates"],
)
TEMPLATES[0]["OPTIONS"]["builtins"] = ["storefront.templatetags.shop"]
USE_I18N = False  # the texts are English already; looking each one up takes 3 % of a purchase
STATICFILES_DIRS = [conf.ROOT / "storefront" / "static"]
STATICFILES_FINDERS = ["storefront.stylesheet.SiteFinder"]
SESSION_ENGINE = "storefront.sessions"
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

env.finish()
