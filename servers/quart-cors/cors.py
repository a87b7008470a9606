"""The policy, said as <https://github.com/pgjones/quart-cors#usage> shows."""

import re

from quart import Quart
from quart_cors import cors

from corspec_server.policy import Policy, regex_of


def add_cors(app: Quart, policy: Policy | None) -> Quart:
    return cors(app, **({} if policy is None else settings_of(policy)))


def settings_of(policy: Policy) -> dict:
    policy.reject_star_with_credentials("expose", "expose_headers")
    settings = policy.named(
        credentials="allow_credentials", headers="allow_headers", expose="expose_headers", max_age="max_age"
    )
    # Without an anchor at the end, as the example for the subdomains of quart.com writes it.
    subdomains = [re.compile(regex_of(pattern, ".*")) for pattern in policy.patterns]
    settings["allow_origin"] = policy.exact_origins + subdomains
    # There is no wildcard for methods, but the default lists those that are usual.
    if not policy.any_method:
        settings["allow_methods"] = policy.methods
    return settings
