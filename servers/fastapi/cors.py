"""The policy, said as <https://fastapi.tiangolo.com/tutorial/cors/> and <https://starlette.dev/middleware/> show."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from corspec_server.policy import Policy, regex_of


def add_cors(app: FastAPI, policy: Policy | None) -> None:
    app.add_middleware(CORSMiddleware, **({} if policy is None else options(policy)))


def options(policy: Policy) -> dict:
    policy.reject_star_with_credentials("expose", "expose_headers")
    options = policy.named(
        methods="allow_methods",
        headers="allow_headers",
        credentials="allow_credentials",
        expose="expose_headers",
        max_age="max_age",
    )
    options["allow_origins"] = policy.exact_origins
    if policy.patterns:
        # The label is the one of the example in Starlette's documentation; the middleware matches the whole origin.
        patterns = [regex_of(pattern, "[a-zA-Z0-9-]+") for pattern in policy.patterns]
        options["allow_origin_regex"] = "|".join(patterns)
    return options
