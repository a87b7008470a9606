"""Plack::Middleware::CrossOrigin, one Twiggy a policy: what it serves is app.psgi, which is handed the policy as a file."""

import json
from dataclasses import asdict

from corspec_proxy import Product, run, version_of


def version_of_module(name):
    return version_of(["perl", f"-M{name}", "-e", f"print ${name}::VERSION"], r"([0-9._]+)")


class PlackCrossOrigin(Product):
    name = "plack-cross-origin"
    language = "perl"
    framework = f"plack {version_of_module('Plack')}"
    middleware = f"Plack::Middleware::CrossOrigin {version_of_module('Plack::Middleware::CrossOrigin')}"
    runtime = f"perl {version_of(['perl', '-e', 'print substr($^V, 1)'])}, twiggy {version_of_module('Twiggy')}"
    homepage = "https://metacpan.org/pod/Plack::Middleware::CrossOrigin"
    issues = "https://github.com/haarg/Plack-Middleware-CrossOrigin/issues"
    has_resource_of_its_own = True
    has_quick_start = True

    def command(self, policy, place):
        place.write("policy.json", json.dumps(policy and asdict(policy)))
        listen = ["--host", "127.0.0.1", "--port", str(place.port)]
        return ["plackup", "--server", "Twiggy", "--env", "deployment", *listen, "app.psgi"]

    def environment(self, place):
        return {"POLICY": str(place.folder / "policy.json")}


run(PlackCrossOrigin())
