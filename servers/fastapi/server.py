"""FastAPI with the CORSMiddleware that it takes from Starlette, on uvicorn."""

from fastapi import FastAPI

from corspec_server import asgi
from corspec_server.policy import Policy
from corspec_server.protocol import Instance, run
from cors import add_cors
from routes import add_routes


async def serve(policy: Policy | None) -> Instance:
    app = FastAPI(openapi_url=None)
    add_routes(app)
    add_cors(app, policy)
    return await asgi.listen(app)


if __name__ == "__main__":
    run(serve, framework="fastapi", middleware="starlette", issues="https://github.com/Kludex/starlette/issues")
