"""A Django project of one view and no middleware: the ceiling that the product list is held to."""

DEBUG = False
SECRET_KEY = "only-for-a-benchmark-that-nobody-can-reach"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.bare.urls"
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
