"""The resource, as Litestar's route handlers."""

from litestar import MediaType, Request, Response, get, route
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler

from corspec_server import answers


def require_token(connection: ASGIConnection, _: BaseRouteHandler) -> None:
    if connection.headers.get("Authorization") != answers.AUTHORIZATION:
        raise NotAuthorizedException(headers=answers.CHALLENGE)


def handlers() -> list[BaseRouteHandler]:
    hits = answers.Hits()

    @route("/resource", http_method=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], status_code=200)
    async def resource() -> Response[dict]:
        hits.count()
        return Response(answers.BODY, headers=answers.HEADERS)

    @get("/cacheable")
    async def cacheable() -> Response[dict]:
        return Response(answers.BODY, headers=answers.CACHEABLE)

    @route("/status/{code:int}", http_method=["GET", "POST"])
    async def status(code: int) -> Response:
        return Response({"status": code} if answers.has_body(code) else None, status_code=code)

    @route("/error", http_method=["GET", "POST"])
    async def error() -> None:
        raise answers.HandlerFailure

    @get("/protected", guards=[require_token])
    async def protected() -> Response[dict]:
        return Response(answers.BODY, headers=answers.HEADERS)

    @get("/session")
    async def session(request: Request) -> dict:
        return {"cookie": request.headers.get("Cookie")}

    @route("/redirect", http_method=["GET", "POST", "PUT"])
    async def redirect(to: str, status: int) -> Response[None]:
        return Response(None, status_code=status, headers={"Location": to})

    @route("/own-options", http_method=["OPTIONS"], status_code=200)
    async def own_options() -> Response[str]:
        return Response(answers.OWN_OPTIONS, media_type=MediaType.TEXT, headers=answers.ALLOW)

    @get("/own-cors")
    async def own_cors() -> Response[dict]:
        return Response(answers.BODY, headers=answers.OWN_CORS)

    @get("/hits")
    async def show_hits() -> dict:
        return {"hits": hits.total}

    return [resource, cacheable, status, error, protected, session, redirect, own_options, own_cors, show_hits]
