"""The policy, said as <https://github.com/aio-libs/aiohttp-cors#usage> shows."""

import aiohttp_cors
from aiohttp import hdrs, web

from corspec_server.policy import Policy, Unsupported


def add_cors(app: web.Application, policy: Policy | None) -> None:
    cors = aiohttp_cors.setup(app, defaults={} if policy is None else defaults(policy))
    # Resources are added, not routes: a route that is added is granted whatever the list of methods says.
    for resource in app.router.resources():
        # One that answers OPTIONS itself cannot be added.
        if all(route.method != hdrs.METH_OPTIONS for route in resource):
            cors.add(resource)


def defaults(policy: Policy) -> dict[str, aiohttp_cors.ResourceOptions]:
    if policy.patterns:
        raise Unsupported("origins are keys of a mapping: written out, or a star for all that are not")
    options = aiohttp_cors.ResourceOptions(
        allow_credentials=policy.credentials,
        expose_headers="*" if policy.exposes_any else policy.expose,
        allow_headers="*" if policy.any_header else policy.headers,
        allow_methods="*" if policy.any_method else policy.methods,
        max_age=policy.max_age,
    )
    return dict.fromkeys(policy.origins, options)
