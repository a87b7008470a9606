"""Microdot with its CORS extension, on uvicorn."""

from microdot.asgi import Microdot

from corspec_server import asgi
from corspec_server.policy import Policy
from corspec_server.protocol import Instance, run
from cors import add_cors
from routes import add_routes


async def serve(policy: Policy | None) -> Instance:
    app = Microdot()
    add_cors(app, policy)
    add_routes(app)
    return await asgi.listen(app)


if __name__ == "__main__":
    run(serve, framework="microdot", middleware="microdot", issues="https://github.com/miguelgrinberg/microdot/issues")
