"""nginx, configured with what its reference documents: the origin is looked up in a `map`, the headers come from
`add_header`, and a preflight is answered by `return`.

https://nginx.org/en/docs/http/ngx_http_headers_module.html
https://nginx.org/en/docs/http/ngx_http_map_module.html
https://nginx.org/en/docs/http/ngx_http_rewrite_module.html
"""

from corspec_proxy import every_answer, exposed, granted, regex_of, run
from corspec_proxy.nginx import NginxProduct

AROUND = """
    map_hash_max_size 16384;
    map_hash_bucket_size 128;
    # A string has no escape for its variables' sign.
    geo $dollar {{ default "$"; }}
    map $http_origin $cors_origin {{
        default "";
        {origins}
    }}
    # A preflight is an OPTIONS request that says which method it asks for.
    map "$request_method $http_access_control_request_method" $cors_preflight {{
        default "";
        "~^OPTIONS ." "yes";
    }}
"""
INSIDE = """
            if ($cors_preflight) {{
                {preflight}
                return 204;
            }}
            {actual}
            # The resource's own word about origins is not the policy's.
            proxy_hide_header Access-Control-Allow-Origin;
"""
ASKED = ("$http_access_control_request_method", "$http_access_control_request_headers")


class Nginx(NginxProduct):
    name = "nginx"
    middleware = f"map and add_header of {NginxProduct.framework}"
    homepage = "https://nginx.org/en/docs/http/ngx_http_headers_module.html"

    def location(self, policy):
        every = every_answer(policy, "$cors_origin")
        if not policy.any_origin:
            every.append(("Vary", "Origin"))
        inside = INSIDE.format(
            preflight=" ".join(map(add_header, every + granted(policy, *ASKED))),
            actual=" ".join(map(add_header, every + exposed(policy))),
        )
        return inside, AROUND.format(origins="\n        ".join(origins_of(policy)))


def origins_of(policy):
    """An empty value is not sent."""
    for origin in policy.exact_origins:
        yield f'"{origin}" $http_origin;'
    for pattern in policy.patterns:
        yield f'"~{regex_of(pattern)}" $http_origin;'


def add_header(header):
    name, value = header
    if not value.startswith("$"):
        value = value.replace("$", "${dollar}")
    return f'add_header {name} "{value}" always;'


run(Nginx())
