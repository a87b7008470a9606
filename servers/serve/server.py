"""`serve --cors`, which serves files: /resource and /cacheable, with their headers from serve.json.

https://github.com/vercel/serve#readme
https://github.com/vercel/serve-handler#headers-array
"""

import json

from corspec_proxy import Product, Unsupported, run, version_of

PROGRAM = "node_modules/.bin/serve"
OF_THE_RESOURCE = {
    "Content-Type": "application/json",
    "X-Request-Id": "r-1",
    "X-Secret": "s-1",
    "Vary": "Accept-Language",
}
FILES = {
    "resource": OF_THE_RESOURCE,
    "cacheable": {**OF_THE_RESOURCE, "Cache-Control": "public, max-age=600"},
    "own-cors": {**OF_THE_RESOURCE, "Access-Control-Allow-Origin": "https://legacy.example"},
}


class Serve(Product):
    name = "serve"
    language = "javascript"
    framework = f"serve {version_of([PROGRAM, '--version'])}"
    middleware = f"--cors of {framework}"
    runtime = f"node {version_of(['node', '--version'])}"
    homepage = "https://github.com/vercel/serve#readme"
    issues = "https://github.com/vercel/serve/issues"
    lacks = ("status", "error", "protected", "session", "redirect", "own-options", "hits")
    ready_path = "/resource"
    has_resource_of_its_own = True
    has_quick_start = True

    def command(self, policy, place):
        # There is nothing to set but that; methods and headers are fixed.
        if policy is not None and (not policy.any_origin or policy.credentials):
            raise Unsupported("--cors is on or off, and on stands for any origin without credentials")
        for name in FILES:
            place.write(name, '{"resource":"ok"}')
        rules = [{"source": name, "headers": pairs(headers)} for name, headers in FILES.items()]
        place.write("serve.json", json.dumps({"headers": rules}))
        quiet = ["--no-clipboard", "--no-request-logging", "--no-port-switching"]
        return [PROGRAM, "--cors", *quiet, "--listen", f"tcp://127.0.0.1:{place.port}", str(place.folder)]


def pairs(headers):
    return [{"key": name, "value": value} for name, value in headers.items()]


run(Serve())
