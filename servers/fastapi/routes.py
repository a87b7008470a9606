"""The resource, on FastAPI's router."""

from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse

from corspec_server import answers


async def require_token(request: Request) -> None:
    if request.headers.get("Authorization") != answers.AUTHORIZATION:
        raise HTTPException(401, headers=answers.CHALLENGE)


def add_routes(app: FastAPI) -> None:
    hits = answers.Hits()

    @app.api_route("/resource", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    async def resource() -> Response:
        hits.count()
        return JSONResponse(answers.BODY, headers=answers.HEADERS)

    @app.get("/cacheable")
    async def cacheable() -> Response:
        return JSONResponse(answers.BODY, headers=answers.CACHEABLE)

    @app.api_route("/status/{code}", methods=["GET", "POST"])
    async def status(code: int) -> Response:
        return JSONResponse({"status": code}, code) if answers.has_body(code) else Response(status_code=code)

    @app.api_route("/error", methods=["GET", "POST"])
    async def error() -> None:
        raise answers.HandlerFailure

    @app.get("/protected")
    async def protected(_: Annotated[None, Depends(require_token)]) -> Response:
        return JSONResponse(answers.BODY, headers=answers.HEADERS)

    @app.get("/session")
    async def session(request: Request) -> Response:
        return JSONResponse({"cookie": request.headers.get("Cookie")})

    @app.api_route("/redirect", methods=["GET", "POST", "PUT"])
    async def redirect(to: str, status: int) -> Response:
        return RedirectResponse(to, status)

    @app.options("/own-options")
    async def own_options() -> Response:
        return PlainTextResponse(answers.OWN_OPTIONS, headers=answers.ALLOW)

    @app.get("/own-cors")
    async def own_cors() -> Response:
        return JSONResponse(answers.BODY, headers=answers.OWN_CORS)

    @app.get("/hits")
    async def show_hits() -> Response:
        return JSONResponse({"hits": hits.total})
