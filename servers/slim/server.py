"""Slim with the middleware of its documentation, one PHP a policy: what it serves is index.php, which is handed the policy
as a file.

https://www.slimframework.com/docs/v3/cookbook/enable-cors.html
"""

import json
from dataclasses import asdict

from corspec_proxy import Product, Unsupported, run, version_of

SLIM = "require 'Slim/autoload.php'; echo Slim\\App::VERSION;"


class Slim(Product):
    name = "slim"
    language = "php"
    framework = f"slim {version_of(['php', '-r', SLIM])}"
    middleware = "the middleware of Slim's documentation"
    runtime = f"php {version_of(['php', '-v'])}"
    homepage = "https://www.slimframework.com/docs/v3/cookbook/enable-cors.html"
    issues = "https://github.com/slimphp/Slim/issues"
    has_resource_of_its_own = True
    has_quick_start = True

    def command(self, policy, place):
        if policy is not None:
            check(policy)
        place.write("policy.json", json.dumps(policy and asdict(policy)))
        place.write("hits", "0")
        listen = f"127.0.0.1:{place.port}"
        return ["php", "-d", "display_errors=0", "-d", "error_reporting=0", "-S", listen, "index.php"]

    def environment(self, place):
        return {"FOLDER": str(place.folder)}


def check(policy):
    if policy.patterns:
        raise Unsupported("the documentation shows domains and *, and nothing for subdomains")
    if policy.credentials and (policy.any_method or policy.any_header or policy.exposes_any):
        raise Unsupported("the documentation writes fixed lists, and * means nothing to requests with credentials")


run(Slim())
