"""The WSGI application of storefront, served by gunicorn."""

from chassis.wsgi import make_application

application = make_application("storefront")
