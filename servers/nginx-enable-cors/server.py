"""nginx, configured as the best-known guide has it, https://enable-cors.org/server_nginx.html: the wide-open
configuration for any origin, the single trusted origin, and a regular expression for several.

The guide is followed to the letter, but that an origin keeps its scheme, where the example takes http and https: the
headers stand in the location, the `if` for preflights adds headers of its own, and the expression is not anchored.
"""

import re

from corspec_proxy import Policy, Unsupported, run
from corspec_proxy.nginx import NginxProduct

PREFLIGHT_BODY = ["add_header 'Content-Type' 'text/plain; charset=utf-8';", "add_header 'Content-Length' 0;", "return 204;"]
QUICK_START = Policy(
    origins=["*"],
    methods=["GET", "POST", "OPTIONS"],
    headers="DNT,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range".split(","),
    expose=["Content-Length", "Content-Range"],
    credentials=False,
    max_age=1728000,
)


class NginxEnableCors(NginxProduct):
    name = "nginx-enable-cors"
    middleware = "the configuration of enable-cors.org"
    homepage = "https://enable-cors.org/server_nginx.html"
    has_quick_start = True

    def location(self, policy):
        policy = policy or QUICK_START
        if policy.patterns:
            raise Unsupported("the guide names every origin, and shows no subdomains of any name")
        if any("$" in name for name in policy.headers):
            raise Unsupported("a value of add_header has no escape for the sign that begins a variable")
        if policy.any_origin:
            if policy.credentials:
                raise Unsupported("the guide says that credentials need an exact origin")
            return wide_open(policy), ""
        if policy.credentials and (policy.any_method or policy.any_header or policy.exposes_any):
            raise Unsupported("the guide writes fixed lists, and * means nothing to requests with credentials")
        return listed(policy), ""


def wide_open(policy):
    """One `if` for preflights, and one for each method."""
    lists = [("Access-Control-Allow-Origin", "*"), *lists_of(policy)]
    preflight = [*map(add_header, lists), *max_age(policy), *PREFLIGHT_BODY]
    blocks = [block("$request_method = 'OPTIONS'", preflight)]
    actual = [add_header(header, " always") for header in lists + expose_of(policy)]
    for method in policy.methods:
        if method != "OPTIONS":
            blocks.append(block(f"$request_method = '{method}'", actual))
    return "\n".join(blocks)


def listed(policy):
    origin, before = origin_of(policy)
    headers = [("Vary", "Origin"), ("Access-Control-Allow-Origin", origin), *lists_of(policy), *expose_of(policy)]
    if policy.credentials:
        headers.append(("Access-Control-Allow-Credentials", "true"))
    preflight = block("$request_method = 'OPTIONS'", [*max_age(policy), *PREFLIGHT_BODY])
    return "\n".join([*before, *(add_header(header, " always") for header in headers), preflight])


def origin_of(policy):
    """The value, and what sets it."""
    if len(policy.origins) == 1:
        return policy.origins[0], []
    if not policy.origins:
        return "", []
    regex = "|".join(map(re.escape, policy.origins))
    found = block(f"$http_origin ~* ({regex})", ["set $cors_origin $http_origin;"])
    return "$cors_origin", ['set $cors_origin "";', found]


def lists_of(policy):
    return [
        ("Access-Control-Allow-Methods", ", ".join(policy.methods)),
        ("Access-Control-Allow-Headers", ",".join(policy.headers)),
    ]


def expose_of(policy):
    return [("Access-Control-Expose-Headers", ",".join(policy.expose))]


def max_age(policy):
    return [] if policy.max_age is None else [f"add_header 'Access-Control-Max-Age' {policy.max_age};"]


def block(condition, lines):
    return f"if ({condition}) {{ {' '.join(lines)} }}"


def add_header(header, always=""):
    name, value = header
    return f"""add_header '{name}' "{value}"{always};"""


run(NginxEnableCors())
