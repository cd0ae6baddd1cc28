"""The WSGI application of product_service, served by gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "product_service.settings")

application = get_wsgi_application()
