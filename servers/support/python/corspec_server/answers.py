"""What every server answers with, in whatever way its framework says so."""

import itertools

BODY = {"resource": "ok"}
HEADERS = {"X-Request-Id": "r-1", "X-Secret": "s-1", "Vary": "Accept-Language"}
CACHEABLE = {**HEADERS, "Cache-Control": "public, max-age=600"}
OWN_CORS = {**HEADERS, "Access-Control-Allow-Origin": "https://legacy.example"}

AUTHORIZATION = "Bearer letmein"
CHALLENGE = {"WWW-Authenticate": "Bearer"}

OWN_OPTIONS = "own"
ALLOW = {"Allow": "GET, OPTIONS"}


class HandlerFailure(Exception):
    """What the handler of /error fails with."""


class Hits:
    """How often the handler of /resource has run."""

    def __init__(self) -> None:
        self._runs = itertools.count(1)
        self.total = 0

    def count(self) -> None:
        self.total = next(self._runs)


def has_body(status: int) -> bool:
    """Whether a response of that status has one; a body that is sent nevertheless is read as the next response."""
    return status not in (204, 205, 304)
