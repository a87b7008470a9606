"""Envoy's CORS filter, its policy on the virtual host as the documentation's sandbox has it.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/cors_filter
https://www.envoyproxy.io/docs/envoy/latest/start/sandboxes/cors
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/cors/v3/cors.proto
"""

import json
import re

from corspec_proxy import Product, Unsupported, run, version_of

PROGRAM = ".venv/bin/envoy"
FILTERS = "type.googleapis.com/envoy.extensions.filters"


class Envoy(Product):
    name = "envoy"
    language = "configuration"
    framework = f"envoy {version_of([PROGRAM, '--version'], r'/([0-9]+(?:[.][0-9]+)+)/')}"
    middleware = f"envoy.filters.http.cors of {framework}"
    homepage = "https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/cors_filter"
    issues = "https://github.com/envoyproxy/envoy/issues"

    def command(self, policy, place):
        if policy.credentials and policy.exposes_any:
            raise Unsupported("expose_headers is sent as it stands, and * means nothing to requests with credentials")
        path = place.write("envoy.json", json.dumps(configuration(policy, place)))
        return [PROGRAM, "-c", path, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]


def cors(policy):
    told = {
        "@type": f"{FILTERS}.http.cors.v3.CorsPolicy",
        "allow_origin_string_match": list(matchers(policy)),
        "allow_methods": ",".join(policy.methods),
        "allow_headers": ",".join(policy.headers),
        "expose_headers": ",".join(policy.expose),
        "allow_credentials": policy.credentials,
    }
    return told if policy.max_age is None else {**told, "max_age": str(policy.max_age)}


def matchers(policy):
    if policy.any_origin:
        yield {"safe_regex": {"regex": r"\*"}}
    for origin in policy.exact_origins:
        yield {"exact": origin}
    for pattern in policy.patterns:
        # The form of the sandbox's `.*\.envoyproxy\.io`; a regex has to match the whole origin.
        yield {"safe_regex": {"regex": rf"{pattern.scheme}://.*\.{re.escape(pattern.name)}"}}


def configuration(policy, place):
    filters = [
        {"name": "envoy.filters.http.cors", "typed_config": {"@type": f"{FILTERS}.http.cors.v3.Cors"}},
        {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{FILTERS}.http.router.v3.Router"}},
    ]
    host = {
        "name": "resource",
        "domains": ["*"],
        "typed_per_filter_config": {"envoy.filters.http.cors": cors(policy)},
        "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "resource"}}],
    }
    manager = {
        "@type": f"{FILTERS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "cors",
        "http_filters": filters,
        "route_config": {"virtual_hosts": [host]},
    }
    listener = {
        "name": "cors",
        "address": address(place.port),
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
    }
    endpoint = {"endpoint": {"address": address(place.upstream)}}
    cluster = {
        "name": "resource",
        "type": "STATIC",
        "load_assignment": {"cluster_name": "resource", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}


def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


run(Envoy())
