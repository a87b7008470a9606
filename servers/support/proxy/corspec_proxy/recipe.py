"""The headers of CORS, for products that are told header by header."""

import re

from .product import Unsupported


def every_answer(policy, origin):
    """What every answer to a permitted page says; `origin` is how the product writes the page's origin."""
    headers = [("Access-Control-Allow-Origin", "*" if policy.any_origin else origin)]
    if policy.credentials:
        headers.append(("Access-Control-Allow-Credentials", "true"))
    return headers


def granted(policy, method, headers):
    """What the answer to a preflight says as well. `method` and `headers` are how the product writes what the preflight
    asks for: any, with credentials, is whatever was asked, as a browser takes * for a name then."""
    told = [
        ("Access-Control-Allow-Methods", listed(policy, policy.methods, method)),
        ("Access-Control-Allow-Headers", listed(policy, policy.headers, headers)),
    ]
    if policy.max_age is not None:
        told.append(("Access-Control-Max-Age", str(policy.max_age)))
    return [(name, value) for name, value in told if value]


def exposed(policy):
    """What every other answer says as well."""
    if policy.exposes_any and policy.credentials:
        raise Unsupported("nothing names every header of an answer, and * means nothing to requests with credentials")
    return [("Access-Control-Expose-Headers", ", ".join(policy.expose))] if policy.expose else []


def listed(policy, names, asked):
    return asked if names == ["*"] and policy.credentials else ", ".join(names)


def regex_of(pattern):
    """One or more labels below the name, anchored at both ends."""
    return rf"^{pattern.scheme}://([a-z0-9-]+\.)+{re.escape(pattern.name)}$"
