"""The resource, on Flask's router."""

from functools import wraps

from flask import Flask, jsonify, redirect, request

from corspec_server import answers


def require_token(view):
    @wraps(view)
    def guarded():
        if request.headers.get("Authorization") != answers.AUTHORIZATION:
            return "unauthorized", 401, answers.CHALLENGE
        return view()

    return guarded


def add_routes(app: Flask) -> None:
    hits = answers.Hits()

    @app.route("/resource", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    def resource():
        hits.count()
        return answers.BODY, answers.HEADERS

    @app.get("/cacheable")
    def cacheable():
        return answers.BODY, answers.CACHEABLE

    @app.route("/status/<int:code>", methods=["GET", "POST"])
    def status(code: int):
        return ({"status": code} if answers.has_body(code) else ""), code

    @app.route("/error", methods=["GET", "POST"])
    def error():
        raise answers.HandlerFailure

    @app.get("/protected")
    @require_token
    def protected():
        return answers.BODY, answers.HEADERS

    @app.get("/session")
    def session():
        return jsonify(cookie=request.headers.get("Cookie"))

    @app.route("/redirect", methods=["GET", "POST", "PUT"])
    def follow():
        return redirect(request.args["to"], int(request.args["status"]))

    @app.route("/own-options", methods=["OPTIONS"])
    def own_options():
        return answers.OWN_OPTIONS, answers.ALLOW

    @app.get("/own-cors")
    def own_cors():
        return answers.BODY, answers.OWN_CORS

    @app.get("/hits")
    def show_hits():
        return jsonify(hits=hits.total)
