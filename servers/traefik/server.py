"""Traefik's headers middleware, from the file provider.

https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/headers/
"""

import json
import re

from corspec_proxy import Product, Unsupported, run, version_of

PROGRAM = ".venv/bin/traefik"


class Traefik(Product):
    name = "traefik"
    language = "configuration"
    framework = f"traefik {version_of([PROGRAM, 'version'])}"
    middleware = f"headers middleware of {framework}"
    homepage = "https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/headers/"
    issues = "https://github.com/traefik/traefik/issues"

    def command(self, policy, place):
        if policy.credentials and policy.exposes_any:
            raise Unsupported("with credentials the middleware leaves * out of what it exposes, and nothing else says any")
        if "null" in policy.origins:
            raise Unsupported("the documentation says that the value null is supported no longer")
        # The file provider takes YAML, and JSON is YAML.
        path = place.write("dynamic.yaml", json.dumps(configuration(policy, place)))
        return [
            PROGRAM,
            f"--entrypoints.cors.address=127.0.0.1:{place.port}",
            f"--providers.file.filename={path}",
            "--providers.file.watch=false",
            "--global.checknewversion=false",
            "--global.sendanonymoususage=false",
            "--log.level=ERROR",
        ]


def headers(policy):
    told = {
        "accessControlAllowOriginList": policy.origins if policy.any_origin else policy.exact_origins,
        "accessControlAllowOriginListRegex": list(map(regex, policy.patterns)),
        "accessControlAllowMethods": policy.methods,
        "accessControlAllowHeaders": policy.headers,
        "accessControlExposeHeaders": policy.expose,
        "accessControlAllowCredentials": policy.credentials,
        "addVaryHeader": True,
    }
    return told if policy.max_age is None else {**told, "accessControlMaxAge": policy.max_age}


def regex(pattern):
    """Anchored, as the documentation says that an origin is allowed if it contains a match."""
    return rf"^{pattern.scheme}://.+\.{re.escape(pattern.name)}$"


def configuration(policy, place):
    router = {"entryPoints": ["cors"], "rule": "PathPrefix(`/`)", "middlewares": ["cors"], "service": "resource"}
    servers = [{"url": f"http://127.0.0.1:{place.upstream}"}]
    return {
        "http": {
            "routers": {"resource": router},
            "middlewares": {"cors": {"headers": headers(policy)}},
            "services": {"resource": {"loadBalancer": {"servers": servers}}},
        }
    }


run(Traefik())
