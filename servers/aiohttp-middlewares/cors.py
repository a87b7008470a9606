"""The policy, said as <https://aiohttp-middlewares.readthedocs.io/en/latest/api.html#cors-middleware> shows."""

import re

from corspec_server.policy import Policy, regex_of


def options(policy: Policy) -> dict:
    policy.reject_star_with_credentials("headers", "allow_headers")
    policy.reject_star_with_credentials("expose", "expose_headers")
    options = policy.named(
        headers="allow_headers", expose="expose_headers", credentials="allow_credentials", max_age="max_age"
    )
    if policy.any_origin:
        options["allow_all"] = True
    else:
        # Regular expressions are matched from the start of the origin alone. No example shows one for subdomains.
        subdomains = [re.compile(f"^{regex_of(pattern)}$") for pattern in policy.patterns]
        options["origins"] = policy.exact_origins + subdomains
    # There is no wildcard for methods, but the default lists those that are usual.
    if not policy.any_method:
        options["allow_methods"] = policy.methods
    return options
