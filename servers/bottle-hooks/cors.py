"""The policy, said as <https://bottlepy.org/docs/dev/faq.html#using-hooks-to-handle-cors> shows: in fixed headers."""

from bottle import Bottle, HTTPResponse, request, response

from corspec_server.policy import Policy, Unsupported


def add_hooks(app: Bottle, policy: Policy | None) -> None:
    cors_headers = headers_of(policy)

    @app.hook("before_request")
    def handle_options():
        if request.method == "OPTIONS":
            raise HTTPResponse(headers=cors_headers)

    @app.hook("after_request")
    def enable_cors():
        for name, value in cors_headers.items():
            response.set_header(name, value)


def headers_of(policy: Policy | None) -> dict[str, str]:
    if policy is None:
        return {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS"}
    if len(policy.origins) != 1 or policy.patterns:
        raise Unsupported("the headers are always the same, and Access-Control-Allow-Origin names one origin")
    for field in ("methods", "headers", "expose"):
        policy.reject_star_with_credentials(field, f"the header for {field}")
    headers = {
        "Access-Control-Allow-Origin": policy.origins[0],
        "Access-Control-Allow-Methods": ", ".join(policy.methods),
        "Access-Control-Allow-Headers": ", ".join(policy.headers),
        "Access-Control-Expose-Headers": ", ".join(policy.expose),
    }
    if policy.credentials:
        headers["Access-Control-Allow-Credentials"] = "true"
    if policy.max_age is not None:
        headers["Access-Control-Max-Age"] = str(policy.max_age)
    return headers
