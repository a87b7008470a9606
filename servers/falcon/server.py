"""Falcon with its CORSMiddleware, on waitress."""

from corspec_server import wsgi
from corspec_server.policy import Policy
from corspec_server.protocol import Instance, run
from cors import app_with_cors
from routes import add_routes


async def serve(policy: Policy | None) -> Instance:
    app = app_with_cors(policy)
    add_routes(app)
    return await wsgi.listen(app)


if __name__ == "__main__":
    run(serve, framework="falcon", middleware="falcon", issues="https://github.com/falconry/falcon/issues")
