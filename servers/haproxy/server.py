"""HAProxy, configured with what its manual documents: ACLs know the permitted origins, `http-request return` answers
preflights, and `http-after-response` writes the headers, on HAProxy's own answers too.

https://docs.haproxy.org/2.6/configuration.html#4.2-http-request%20return
https://docs.haproxy.org/2.6/configuration.html#4.2-http-after-response%20set-header
"""

from corspec_proxy import Product, every_answer, exposed, granted, regex_of, run, version_of

CONFIGURATION = """
global
    maxconn 256
    nbthread 1
    # Or else every certificate of the system is read first.
    httpclient.ssl.verify none
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend cors
    bind 127.0.0.1:{port}
    acl permitted req.hdr(origin) -m str -f {exact}
    acl permitted req.hdr(origin) -m reg -f {patterns}
    acl preflight method OPTIONS
    acl asks req.hdr(access-control-request-method) -m found
    http-request set-var(txn.origin) req.hdr(origin) if permitted
    http-request set-var(txn.method) req.hdr(access-control-request-method)
    http-request set-var(txn.headers) req.fhdr(access-control-request-headers)
    http-request set-var(txn.preflight) bool(true) if preflight asks
    http-request return status 204 if preflight asks
    # The resource's own word about origins is not the policy's.
    http-response del-header Access-Control-Allow-Origin
{headers}
    default_backend resource
backend resource
    server resource 127.0.0.1:{upstream}
"""


class HaProxy(Product):
    name = "haproxy"
    language = "configuration"
    framework = f"haproxy {version_of(['haproxy', '-v'])}"
    middleware = f"http-after-response of {framework}"
    homepage = "https://docs.haproxy.org/2.6/configuration.html#4.2-http-after-response%20set-header"
    issues = "https://github.com/haproxy/haproxy/issues"

    def command(self, policy, place):
        permitted = "" if policy.any_origin else "if { var(txn.origin) -m found }"
        preflight = "{ var(txn.preflight) -m bool }"
        rules = [
            *(rule("set-header", *header, permitted) for header in every_answer(policy, "%[var(txn.origin)]")),
            *(rule("set-header", *header, f"if {preflight}") for header in granted(policy, *ASKED)),
            *(rule("set-header", *header, f"unless {preflight}") for header in exposed(policy)),
        ]
        if not policy.any_origin:
            rules.append(rule("add-header", "Vary", "Origin"))
        configuration = CONFIGURATION.format(
            port=place.port,
            upstream=place.upstream,
            exact=place.write("exact.lst", lines(policy.exact_origins)),
            patterns=place.write("patterns.lst", lines(map(regex_of, policy.patterns))),
            headers="\n".join(rules),
        )
        return ["haproxy", "-db", "-q", "-f", place.write("haproxy.cfg", configuration)]


ASKED = ("%[var(txn.method)]", "%[var(txn.headers)]")


def lines(entries):
    return "".join(f"{entry}\n" for entry in entries)


def rule(action, name, value, condition=""):
    """Outside of quotes a backslash keeps what follows from meaning anything; a percent sign is written twice."""
    if not value.startswith("%["):
        value = "".join(f"\\{sign}" if sign in "\\'\"# " else sign for sign in value.replace("%", "%%"))
    return f"    http-after-response {action} {name} {value} {condition}"


run(HaProxy())
