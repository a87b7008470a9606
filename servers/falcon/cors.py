"""The policy, said as <https://falcon.readthedocs.io/en/stable/api/cors.html> shows.

There are options for origins, credentials and exposed headers. Every method that a resource responds to is
granted, and every request header; that a policy lists fewer cannot be said.
"""

import falcon

from corspec_server.policy import Policy, Unsupported


def app_with_cors(policy: Policy | None) -> falcon.App:
    if policy is None:
        return falcon.App(cors_enable=True)
    return falcon.App(middleware=falcon.CORSMiddleware(**options(policy)))


def options(policy: Policy) -> dict:
    if policy.patterns:
        raise Unsupported("allow_origins is a star or a list of origins that are written out")
    if policy.max_age is not None:
        raise Unsupported("there is no option for Access-Control-Max-Age, which is always a day")
    policy.reject_star_with_credentials("expose", "expose_headers")
    origins = "*" if policy.any_origin else policy.origins
    return {
        "allow_origins": origins,
        "expose_headers": policy.expose,
        "allow_credentials": origins if policy.credentials else None,
    }
