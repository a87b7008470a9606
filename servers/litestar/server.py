"""Litestar with its CORSConfig, on uvicorn."""

from litestar import Litestar

from corspec_server import asgi
from corspec_server.policy import Policy
from corspec_server.protocol import Instance, run
from cors import config_of
from routes import handlers


async def serve(policy: Policy | None) -> Instance:
    app = Litestar(handlers(), cors_config=config_of(policy), logging_config=None, openapi_config=None)
    return await asgi.listen(app)


if __name__ == "__main__":
    run(serve, framework="litestar", middleware="litestar", issues="https://github.com/litestar-org/litestar/issues")
