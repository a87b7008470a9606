"""The policy, said as <https://corydolphin.github.io/flask-cors/extension/> shows."""

from flask import Flask
from flask_cors import CORS

from corspec_server.policy import Policy, regex_of


def add_cors(app: Flask, policy: Policy | None) -> None:
    CORS(app, **({} if policy is None else options(policy)))


def options(policy: Policy) -> dict:
    policy.reject_star_with_credentials("expose", "expose_headers")
    options = policy.named(
        headers="allow_headers", expose="expose_headers", credentials="supports_credentials", max_age="max_age"
    )
    # Regular expressions are matched from the start of the origin. No example shows one for subdomains.
    options["origins"] = policy.exact_origins + [f"^{regex_of(pattern)}$" for pattern in policy.patterns]
    # There is no wildcard for methods, but the default lists all that the extension knows.
    if not policy.any_method:
        options["methods"] = policy.methods
    return options
