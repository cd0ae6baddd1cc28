"""The views of these tests under gunicorn."""

from chassis.wsgi import make_application

application = make_application("chassis.tests")
