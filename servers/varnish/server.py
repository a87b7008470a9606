"""Varnish, configured in VCL as its reference documents: `vcl_recv` answers preflights with `synth`, and `vcl_deliver` and
`vcl_synth` write the headers, so that what is kept in the cache is nobody's in particular.

https://varnish-cache.org/docs/7.1/reference/vcl.html
https://varnish-cache.org/docs/7.1/users-guide/vcl-built-in-subs.html
"""

import signal

from corspec_proxy import Product, every_answer, exposed, granted, regex_of, run, version_of

CONFIGURATION = """
vcl 4.1;

backend resource {{
    .host = "127.0.0.1";
    .port = "{upstream}";
}}

sub vcl_recv {{
    unset req.http.X-Permitted;
    if ({permitted}) {{
        set req.http.X-Permitted = {named};
    }}
    if (req.method == "OPTIONS" && req.http.Access-Control-Request-Method) {{
        return (synth(204));
    }}
}}

sub vcl_deliver {{
    # The resource's own word about origins is not the policy's.
    unset resp.http.Access-Control-Allow-Origin;
    {actual}
    call say_origin;
}}

sub vcl_synth {{
    {preflight}
    call say_origin;
    if (resp.status == 204) {{
        return (deliver);
    }}
}}

sub say_origin {{
    {vary}
    if (req.http.X-Permitted) {{
        {origin}
    }}
}}
"""


class Varnish(Product):
    name = "varnish"
    language = "configuration"
    framework = f"varnish {version_of(['varnishd', '-V'])}"
    middleware = f"VCL of {framework}"
    homepage = "https://varnish-cache.org/docs/7.1/reference/vcl.html"
    issues = "https://github.com/varnishcache/varnish-cache/issues"
    stop_signal = signal.SIGTERM

    def command(self, policy, place):
        asked = ("req.http.Access-Control-Request-Method", "req.http.Access-Control-Request-Headers")
        configuration = CONFIGURATION.format(
            upstream=place.upstream,
            permitted=" || ".join(conditions(policy)) or "false",
            named='"*"' if policy.any_origin else "req.http.Origin",
            origin=" ".join(assign(*header) for header in every_answer(policy, "req.http.X-Permitted")),
            actual=" ".join(assign(*header) for header in exposed(policy)),
            preflight=" ".join(assign(*header) for header in granted(policy, *asked)),
            vary="" if policy.any_origin else VARY,
        )
        path = place.write("policy.vcl", configuration)
        listen = f"127.0.0.1:{place.port}"
        parameters = [word for parameter in PARAMETERS for word in ("-p", parameter)]
        start = ["varnishd", "-F", "-j", "none", "-n", f"{place.folder}/work", "-a", listen, "-T", "none"]
        return [*start, "-s", "malloc,8m", *parameters, "-f", path]


PARAMETERS = [
    # VCL is compiled for every policy anew; that it is done soon matters more here than how fast it runs.
    "cc_command=exec gcc -O0 -w -fpic -shared -o %o %s",
    # What says nothing of its lifetime is not kept, so that every request for /resource runs its handler.
    "default_ttl=0",
    "default_grace=0",
    "thread_pools=1",
    "thread_pool_min=10",
    "thread_pool_max=40",
]
VARY = """if (resp.http.Vary) {
        set resp.http.Vary = resp.http.Vary + ", Origin";
    } else {
        set resp.http.Vary = "Origin";
    }"""


def conditions(policy):
    if policy.any_origin:
        yield "true"
    for origin in policy.exact_origins:
        yield f'req.http.Origin == "{origin}"'
    for pattern in policy.patterns:
        yield f'req.http.Origin ~ "{regex_of(pattern)}"'


def assign(name, value):
    return f"set resp.http.{name} = {value};" if value.startswith("req.") else f'set resp.http.{name} = {{"{value}"}};'


run(Varnish())
