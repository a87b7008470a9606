"""The policy, said as <https://cornice.readthedocs.io/en/latest/services.html#cors> and `cornice.service.Service` show.

One list holds both the request headers that are permitted and the response headers that are exposed, and one flag
stands for all of either. Methods are those that a service defines, unless CORS is disabled for them.
"""

from corspec_server.policy import Policy


def policy_of(policy: Policy) -> dict:
    cors_policy = {
        # A star stands for anything.
        "origins": policy.origins,
        "headers": [name for name in policy.headers + policy.expose if name != "*"],
        "expose_all_headers": policy.any_header or policy.exposes_any,
        "credentials": policy.credentials,
    }
    if policy.max_age is not None:
        cors_policy["max_age"] = policy.max_age
    return cors_policy


def is_enabled(method: str, policy: Policy) -> bool:
    return policy.any_method or method in policy.methods
