"""The WSGI application of product_service, served by gunicorn."""

from chassis.wsgi import make_application

application = make_application("product_service")
