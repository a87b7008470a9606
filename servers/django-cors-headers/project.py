"""A Django project with the middleware where its documentation puts it."""

from collections.abc import Callable

# What Django imports by name is imported here, before processes are forked.
import corsheaders.apps
import corsheaders.middleware
import django.middleware.common
from django.conf import settings
from django.core.asgi import get_asgi_application

import routes
from corspec_server import asgi


def main(cors: dict, ready: Callable[[int], None]) -> None:
    settings.configure(
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=["corsheaders"],
        MIDDLEWARE=["corsheaders.middleware.CorsMiddleware", "django.middleware.common.CommonMiddleware"],
        ROOT_URLCONF=routes,
        SECRET_KEY="nothing is signed here",
        **cors,
    )
    asgi.run(get_asgi_application(), ready)
