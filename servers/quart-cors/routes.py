"""The resource, on Quart's router."""

from functools import wraps

from quart import Quart, jsonify, redirect, request

from corspec_server import answers


def require_token(view):
    @wraps(view)
    async def guarded():
        if request.headers.get("Authorization") != answers.AUTHORIZATION:
            return "unauthorized", 401, answers.CHALLENGE
        return await view()

    return guarded


def add_routes(app: Quart) -> None:
    hits = answers.Hits()

    @app.route("/resource", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    async def resource():
        hits.count()
        return answers.BODY, answers.HEADERS

    @app.get("/cacheable")
    async def cacheable():
        return answers.BODY, answers.CACHEABLE

    @app.route("/status/<int:code>", methods=["GET", "POST"])
    async def status(code: int):
        return ({"status": code} if answers.has_body(code) else ""), code

    @app.route("/error", methods=["GET", "POST"])
    async def error():
        raise answers.HandlerFailure

    @app.get("/protected")
    @require_token
    async def protected():
        return answers.BODY, answers.HEADERS

    @app.get("/session")
    async def session():
        return jsonify(cookie=request.headers.get("Cookie"))

    @app.route("/redirect", methods=["GET", "POST", "PUT"])
    async def follow():
        return redirect(request.args["to"], int(request.args["status"]))

    @app.route("/own-options", methods=["OPTIONS"])
    async def own_options():
        return answers.OWN_OPTIONS, answers.ALLOW

    @app.get("/own-cors")
    async def own_cors():
        return answers.BODY, answers.OWN_CORS

    @app.get("/hits")
    async def show_hits():
        return jsonify(hits=hits.total)
