"""BlackSheep with `use_cors`, on uvicorn."""

from blacksheep import Application, Router

from corspec_server import asgi
from corspec_server.policy import Policy
from corspec_server.protocol import Instance, run
from cors import use_cors
from routes import add_routes


async def serve(policy: Policy | None) -> Instance:
    app = Application(router=Router())
    use_cors(app, policy)
    add_routes(app.router)
    return await asgi.listen(app)


if __name__ == "__main__":
    run(serve, framework="blacksheep", middleware="blacksheep", issues="https://github.com/Neoteroi/BlackSheep/issues")
