"""The WSGI application of order_service, served by gunicorn."""

from chassis.wsgi import make_application

application = make_application("order_service")
