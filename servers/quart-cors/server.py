"""Quart-CORS on Quart, on uvicorn."""

from quart import Quart

from corspec_server import asgi
from corspec_server.policy import Policy
from corspec_server.protocol import Instance, run
from cors import add_cors
from routes import add_routes


async def serve(policy: Policy | None) -> Instance:
    app = add_cors(Quart(__name__), policy)
    add_routes(app)
    return await asgi.listen(app)


if __name__ == "__main__":
    run(serve, framework="quart", middleware="quart-cors", issues="https://github.com/pgjones/quart-cors/issues")
