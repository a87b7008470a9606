"""The hooks that Bottle's documentation has for CORS, on waitress."""

from bottle import Bottle

from corspec_server import wsgi
from corspec_server.policy import Policy
from corspec_server.protocol import Instance, run
from cors import add_hooks
from routes import add_routes


async def serve(policy: Policy | None) -> Instance:
    app = Bottle()
    add_hooks(app, policy)
    add_routes(app)
    return await wsgi.listen(app)


if __name__ == "__main__":
    run(serve, framework="bottle", middleware="bottle", issues="https://github.com/bottlepy/bottle/issues")
