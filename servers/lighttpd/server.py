"""lighttpd, configured with what its documentation shows: a condition on the request header for every permitted origin,
and the headers from mod_setenv. An OPTIONS for a path that is there and that no backend takes is answered by lighttpd
itself, with 200; mod_rewrite turns every preflight into one.

https://redmine.lighttpd.net/projects/lighttpd/wiki/Docs_ModSetEnv
https://redmine.lighttpd.net/projects/lighttpd/wiki/Docs_Configuration
https://redmine.lighttpd.net/projects/lighttpd/wiki/Docs_ModRewrite
"""

from corspec_proxy import Product, Unsupported, every_answer, exposed, granted, run, version_of

# Of several conditions that hold, the last one's word is taken for each directive, and not all together: what depends on
# the origin is set by one, what depends on the method by the other.
CONFIGURATION = """
server.modules = ("mod_setenv", "mod_rewrite", "mod_proxy")
server.document-root = "{folder}"
server.bind = "127.0.0.1"
server.port = {port}
server.max-keep-alive-requests = 100000
proxy.server = ("" => (("host" => "127.0.0.1", "port" => {upstream})))
# The resource's own word about origins is not the policy's; an empty value removes a header.
setenv.set-response-header = ({any})
setenv.add-response-header = ({actual})
{origins}
$HTTP["request-method"] == "OPTIONS" {{
    $REQUEST_HEADER["access-control-request-method"] != "" {{
        proxy.server = ()
        url.rewrite-once = ("" => "/")
        setenv.add-response-header = ({preflight})
    }}
}}
"""


class Lighttpd(Product):
    name = "lighttpd"
    language = "configuration"
    framework = f"lighttpd {version_of(['lighttpd', '-v'])}"
    middleware = f"mod_setenv and mod_rewrite of {framework}"
    homepage = "https://redmine.lighttpd.net/projects/lighttpd/wiki/Docs_ModSetEnv"
    issues = "https://redmine.lighttpd.net/projects/lighttpd/issues"

    def command(self, policy, place):
        if policy.patterns:
            raise Unsupported("mod_setenv writes fixed values, so it cannot name the subdomain that asks")
        if policy.credentials and (policy.any_method or policy.any_header):
            raise Unsupported("mod_setenv writes fixed values, so it cannot repeat what a preflight asks for")
        vary = [] if policy.any_origin else [("Vary", "Origin")]
        configuration = CONFIGURATION.format(
            folder=place.folder,
            port=place.port,
            upstream=place.upstream,
            any=pairs(every_answer(policy, "*") if policy.any_origin else NONE),
            actual=pairs(vary + exposed(policy)),
            preflight=pairs(vary + granted(policy, None, None)),
            origins="\nelse ".join(permitted(policy)),
        )
        return ["lighttpd", "-D", "-f", place.write("lighttpd.conf", configuration)]


NONE = [("Access-Control-Allow-Origin", "")]


def permitted(policy):
    for origin in policy.exact_origins:
        headers = pairs(every_answer(policy, origin))
        yield f'$REQUEST_HEADER["origin"] == "{origin}" {{ setenv.set-response-header = ({headers}) }}'


def pairs(headers):
    return ", ".join(f'"{name}" => "{value}"' for name, value in headers)


run(Lighttpd())
