"""The resource, on Microdot's router."""

from functools import wraps

from microdot import Request, Response
from microdot.asgi import Microdot

from corspec_server import answers


def require_token(handler):
    @wraps(handler)
    async def guarded(request: Request):
        if request.headers.get("Authorization") != answers.AUTHORIZATION:
            return "unauthorized", 401, answers.CHALLENGE
        return await handler(request)

    return guarded


def add_routes(app: Microdot) -> None:
    hits = answers.Hits()

    @app.route("/resource", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    async def resource(request: Request):
        hits.count()
        return answers.BODY, answers.HEADERS

    @app.get("/cacheable")
    async def cacheable(request: Request):
        return answers.BODY, answers.CACHEABLE

    @app.route("/status/<int:code>", methods=["GET", "POST"])
    async def status(request: Request, code: int):
        return ({"status": code} if answers.has_body(code) else ""), code

    @app.route("/error", methods=["GET", "POST"])
    async def error(request: Request):
        raise answers.HandlerFailure

    @app.get("/protected")
    @require_token
    async def protected(request: Request):
        return answers.BODY, answers.HEADERS

    @app.get("/session")
    async def session(request: Request):
        return {"cookie": request.headers.get("Cookie")}

    @app.route("/redirect", methods=["GET", "POST", "PUT"])
    async def redirect(request: Request):
        return Response.redirect(request.args["to"], int(request.args["status"]))

    @app.route("/own-options", methods=["OPTIONS"])
    async def own_options(request: Request):
        return answers.OWN_OPTIONS, answers.ALLOW

    @app.get("/own-cors")
    async def own_cors(request: Request):
        return answers.BODY, answers.OWN_CORS

    @app.get("/hits")
    async def show_hits(request: Request):
        return {"hits": hits.total}
