"""The policy, said as <https://github.com/adamchainz/django-cors-headers#configuration> shows."""

from corspec_server.policy import Policy, regex_of


def settings_of(policy: Policy) -> dict:
    policy.reject_star_with_credentials("headers", "CORS_ALLOW_HEADERS")
    policy.reject_star_with_credentials("expose", "CORS_EXPOSE_HEADERS")
    settings = policy.named(
        headers="CORS_ALLOW_HEADERS",
        expose="CORS_EXPOSE_HEADERS",
        credentials="CORS_ALLOW_CREDENTIALS",
        max_age="CORS_PREFLIGHT_MAX_AGE",
    )
    if policy.any_origin:
        settings["CORS_ALLOW_ALL_ORIGINS"] = True
    else:
        settings["CORS_ALLOWED_ORIGINS"] = policy.exact_origins
        # As the example in the documentation writes it.
        settings["CORS_ALLOWED_ORIGIN_REGEXES"] = [
            "^" + regex_of(pattern, r"\w+") + "$" for pattern in policy.patterns
        ]
    # There is no wildcard for methods, but the default lists those that are usual.
    if not policy.any_method:
        settings["CORS_ALLOW_METHODS"] = policy.methods
    return settings
