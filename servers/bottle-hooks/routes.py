"""The resource, on Bottle's router."""

from functools import wraps

from bottle import Bottle, HTTPError, HTTPResponse, request, response

from corspec_server import answers


def require_token(view):
    @wraps(view)
    def guarded():
        if request.headers.get("Authorization") != answers.AUTHORIZATION:
            raise HTTPError(401, headers=answers.CHALLENGE)
        return view()

    return guarded


def resource_with(headers: dict) -> dict:
    response.headers.update(headers)
    return answers.BODY


def add_routes(app: Bottle) -> None:
    hits = answers.Hits()

    @app.route("/resource", method=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def resource():
        hits.count()
        return resource_with(answers.HEADERS)

    @app.get("/cacheable")
    def cacheable():
        return resource_with(answers.CACHEABLE)

    @app.route("/status/<code:int>", method=["GET", "POST"])
    def status(code: int):
        response.status = code
        return {"status": code} if answers.has_body(code) else ""

    @app.route("/error", method=["GET", "POST"])
    def error():
        raise answers.HandlerFailure

    @app.get("/protected")
    @require_token
    def protected():
        return resource_with(answers.HEADERS)

    @app.get("/session")
    def session():
        return {"cookie": request.headers.get("Cookie")}

    @app.route("/redirect", method=["GET", "POST", "PUT"])
    def redirect():
        return HTTPResponse(status=int(request.query.status), headers={"Location": request.query.to})

    @app.route("/own-options", method="OPTIONS")
    def own_options():
        response.headers.update(answers.ALLOW)
        return answers.OWN_OPTIONS

    @app.get("/own-cors")
    def own_cors():
        return resource_with(answers.OWN_CORS)

    @app.get("/hits")
    def show_hits():
        return {"hits": hits.total}
