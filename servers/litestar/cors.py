"""The policy, said as <https://docs.litestar.dev/2/reference/config.html#litestar.config.cors.CORSConfig> shows."""

from litestar.config.cors import CORSConfig

from corspec_server.policy import Policy


def config_of(policy: Policy | None) -> CORSConfig:
    if policy is None:
        return CORSConfig()
    policy.reject_star_with_credentials("expose", "expose_headers")
    options = policy.named(
        # A star may stand in any part of an origin.
        origins="allow_origins",
        methods="allow_methods",
        headers="allow_headers",
        credentials="allow_credentials",
        expose="expose_headers",
        max_age="max_age",
    )
    return CORSConfig(**options)
