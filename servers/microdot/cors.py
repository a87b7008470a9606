"""The policy, said as <https://microdot.readthedocs.io/en/latest/api/cors.html> shows."""

from microdot.asgi import Microdot
from microdot.cors import CORS

from corspec_server.policy import Policy, Unsupported


def add_cors(app: Microdot, policy: Policy | None) -> None:
    CORS(app, **({} if policy is None else options(policy)))


def options(policy: Policy) -> dict:
    if policy.patterns:
        raise Unsupported("allowed_origins are compared as they are written, but for a star")
    policy.reject_star_with_credentials("expose", "expose_headers")
    options = policy.named(credentials="allow_credentials", expose="expose_headers", max_age="max_age")
    options["allowed_origins"] = "*" if policy.any_origin else policy.origins
    # What is not set is allowed.
    options["allowed_methods"] = None if policy.any_method else policy.methods
    options["allowed_headers"] = None if policy.any_header else policy.headers
    return options
