"""The policy, said as <https://www.neoteroi.dev/blacksheep/cors/> shows."""

from blacksheep import Application

from corspec_server.policy import Policy, Unsupported


def use_cors(app: Application, policy: Policy | None) -> None:
    app.use_cors(**({} if policy is None else options(policy)))


def options(policy: Policy) -> dict:
    if policy.patterns:
        raise Unsupported("allow_origins are compared as they are written, but for a star")
    policy.reject_star_with_credentials("expose", "expose_headers")
    return policy.named(
        methods="allow_methods",
        headers="allow_headers",
        origins="allow_origins",
        credentials="allow_credentials",
        expose="expose_headers",
        max_age="max_age",
    )
