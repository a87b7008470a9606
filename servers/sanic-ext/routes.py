"""The resource, on Sanic's router."""

from functools import wraps

from sanic import HTTPResponse, Request, Sanic, empty, json, text
from sanic.exceptions import Unauthorized

from corspec_server import answers


def require_token(handler):
    @wraps(handler)
    async def guarded(request: Request) -> HTTPResponse:
        if request.headers.get("Authorization") != answers.AUTHORIZATION:
            raise Unauthorized(scheme="Bearer")
        return await handler(request)

    return guarded


def add_routes(app: Sanic) -> None:
    hits = answers.Hits()

    @app.route("/resource", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    async def resource(request: Request) -> HTTPResponse:
        hits.count()
        return json(answers.BODY, headers=answers.HEADERS)

    @app.get("/cacheable")
    async def cacheable(request: Request) -> HTTPResponse:
        return json(answers.BODY, headers=answers.CACHEABLE)

    @app.route("/status/<code:int>", methods=["GET", "POST"])
    async def status(request: Request, code: int) -> HTTPResponse:
        return json({"status": code}, code) if answers.has_body(code) else empty(code)

    @app.route("/error", methods=["GET", "POST"])
    async def error(request: Request) -> HTTPResponse:
        raise answers.HandlerFailure

    @app.get("/protected")
    @require_token
    async def protected(request: Request) -> HTTPResponse:
        return json(answers.BODY, headers=answers.HEADERS)

    @app.get("/session")
    async def session(request: Request) -> HTTPResponse:
        return json({"cookie": request.headers.get("Cookie")})

    @app.route("/redirect", methods=["GET", "POST", "PUT"])
    async def redirect(request: Request) -> HTTPResponse:
        return empty(int(request.args.get("status")), {"Location": request.args.get("to")})

    @app.options("/own-options")
    async def own_options(request: Request) -> HTTPResponse:
        return text(answers.OWN_OPTIONS, headers=answers.ALLOW)

    @app.get("/own-cors")
    async def own_cors(request: Request) -> HTTPResponse:
        return json(answers.BODY, headers=answers.OWN_CORS)

    @app.get("/hits")
    async def show_hits(request: Request) -> HTTPResponse:
        return json({"hits": hits.total})
