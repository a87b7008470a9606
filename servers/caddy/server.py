"""Caddy, configured with what its documentation shows: named matchers know the permitted origins, `header` writes the
headers, and `respond` answers preflights.

https://caddyserver.com/docs/caddyfile/directives/header
https://caddyserver.com/docs/caddyfile/directives/import (its example sets CORS headers)
https://caddyserver.com/docs/caddyfile/matchers
"""

from corspec_proxy import Product, every_answer, exposed, granted, regex_of, run, version_of

CONFIGURATION = """{{
	admin off
	auto_https off
	persist_config off
	log default {{
		level ERROR
	}}
}}
http://:{port} {{
	bind 127.0.0.1
	@preflight {{
		method OPTIONS
		header Access-Control-Request-Method *
	}}
	@actual not {{
		method OPTIONS
		header Access-Control-Request-Method *
	}}
{rules}
	respond @preflight 204
	reverse_proxy 127.0.0.1:{upstream} {{
		# The resource's own word about origins is not the policy's.
		header_down -Access-Control-Allow-Origin
	}}
}}
"""
PROGRAM = ".build/caddy"
ASKED = (
    "{http.request.header.Access-Control-Request-Method}",
    "{http.request.header.Access-Control-Request-Headers}",
)


class Caddy(Product):
    name = "caddy"
    language = "configuration"
    framework = f"caddy {version_of([PROGRAM, 'version'])}"
    middleware = f"header of {framework}"
    homepage = "https://caddyserver.com/docs/caddyfile/directives/header"
    issues = "https://github.com/caddyserver/caddy/issues"

    def command(self, policy, place):
        headers = every_answer(policy, "{http.request.header.Origin}")
        rules = []
        if policy.any_origin:
            rules.extend(rule("", *header) for header in headers)
        for number, matcher in enumerate(matchers(policy)):
            rules.append(f"@permitted{number} {{\n{matcher}\n\t}}")
            rules.extend(rule(f"@permitted{number}", *header) for header in headers)
        rules.extend(rule("@preflight", *header) for header in granted(policy, *ASKED))
        rules.extend(rule("@actual", *header) for header in exposed(policy))
        if not policy.any_origin:
            rules.append(rule("", "+Vary", "Origin"))
        configuration = CONFIGURATION.format(
            port=place.port, upstream=place.upstream, rules="\n".join(f"\t{line}" for line in rules)
        )
        path = place.write("Caddyfile", configuration)
        return [PROGRAM, "run", "--config", path, "--adapter", "caddyfile"]

    def environment(self, place):
        return {"XDG_DATA_HOME": str(place.folder), "XDG_CONFIG_HOME": str(place.folder)}


def matchers(policy):
    """Of several values of one header a matcher takes any; a matcher holds one expression for each header."""
    if policy.exact_origins:
        yield "\n".join(f"\t\theader Origin {origin}" for origin in policy.exact_origins)
    for pattern in policy.patterns:
        yield f"\t\theader_regexp Origin {regex_of(pattern)}"


def rule(matcher, name, value):
    """Names are joined without a space, so that no value needs quotes, which a name may hold."""
    return f"header {matcher} {name} {value.replace(', ', ',')}"


run(Caddy())
