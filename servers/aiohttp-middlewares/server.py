"""The cors_middleware of aiohttp-middlewares on aiohttp, on its own server."""

from aiohttp import web
from aiohttp_middlewares import cors_middleware

from corspec_server import aiohttp_web
from corspec_server.aiohttp_routes import add_resources
from corspec_server.policy import Policy
from corspec_server.protocol import Instance, run
from cors import options


async def serve(policy: Policy | None) -> Instance:
    app = web.Application(middlewares=[cors_middleware(**({} if policy is None else options(policy)))])
    add_resources(app.router)
    return await aiohttp_web.listen(app)


if __name__ == "__main__":
    run(
        serve,
        framework="aiohttp",
        middleware="aiohttp-middlewares",
        issues="https://github.com/playpauseandstop/aiohttp-middlewares/issues",
    )
