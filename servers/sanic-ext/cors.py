"""The policy, said as <https://sanic.dev/en/plugins/sanic-ext/http/cors.html#configuration> shows."""

import re

from corspec_server.policy import Policy, regex_of


def config_of(policy: Policy | None) -> dict:
    if policy is None:
        return {}
    policy.reject_star_with_credentials("expose", "CORS_EXPOSE_HEADERS")
    config = policy.named(
        headers="CORS_ALLOW_HEADERS",
        expose="CORS_EXPOSE_HEADERS",
        credentials="CORS_SUPPORTS_CREDENTIALS",
        max_age="CORS_MAX_AGE",
    )
    config["CORS_ORIGINS"] = origins(policy)
    # The default is every method of the route.
    if not policy.any_method:
        config["CORS_METHODS"] = policy.methods
    return config


def origins(policy: Policy) -> str | list[str] | re.Pattern:
    if policy.any_origin:
        return "*"
    if not policy.patterns:
        return policy.origins
    # One regular expression, since a list is documented for strings. No example shows one.
    entries = [*map(re.escape, policy.exact_origins), *map(regex_of, policy.patterns)]
    return re.compile(f"^({'|'.join(entries)})$")
