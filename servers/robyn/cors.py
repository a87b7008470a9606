"""The policy, said as <https://robyn.tech/documentation/en/api_reference/cors> shows.

There are arguments for origins and request headers. Every usual method is granted, and credentials are; no response
header is exposed. That a policy permits less of the ones, or more of the other, cannot be said.
"""

from corspec_server.policy import Policy, Unsupported


def arguments_of(policy: Policy | None) -> dict:
    if policy is None:
        raise Unsupported("ALLOW_CORS takes the origins")
    if policy.patterns:
        raise Unsupported("origins are compared as they are written, but for a star")
    if policy.exposes_any:
        raise Unsupported("there is no argument for exposed headers")
    if policy.max_age is not None:
        raise Unsupported("there is no argument for Access-Control-Max-Age, which is always an hour")
    return {"origins": policy.origins, "headers": "*" if policy.any_header else policy.headers}
