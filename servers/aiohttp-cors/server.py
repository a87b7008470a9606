"""aiohttp-cors on aiohttp, on its own server."""

from aiohttp import web

from corspec_server import aiohttp_web
from corspec_server.aiohttp_routes import add_resources
from corspec_server.policy import Policy
from corspec_server.protocol import Instance, run
from cors import add_cors


async def serve(policy: Policy | None) -> Instance:
    app = web.Application()
    add_resources(app.router)
    add_cors(app, policy)
    return await aiohttp_web.listen(app)


if __name__ == "__main__":
    run(serve, framework="aiohttp", middleware="aiohttp-cors", issues="https://github.com/aio-libs/aiohttp-cors/issues")
