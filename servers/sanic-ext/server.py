"""Sanic Extensions on Sanic, on its own server."""

import itertools
import socket

from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.server.async_server import AsyncioServer
from sanic_ext import Extend

from corspec_server.policy import Policy, Refused
from corspec_server.protocol import Instance, run
from cors import config_of
from routes import add_routes

# Sanic knows every application of a process by its name.
_names = (f"resource-{number}" for number in itertools.count())


class SanicInstance:
    """An application that listens."""

    def __init__(self, app: Sanic, server: AsyncioServer, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._app = app
        self._server = server

    async def close(self) -> None:
        closed = self._server.close()
        for connection in list(self._server.connections):
            connection.abort()
        await closed
        Sanic.unregister_app(self._app)


async def serve(policy: Policy | None) -> Instance:
    app = Sanic(next(_names), configure_logging=False)
    # Sanic rewrites the methods of its classes for an application, which works for one in a process.
    app.config.TOUCHUP = False
    # Each handler that is added by itself compiles all routers anew; only those for OPTIONS are of use here.
    app.config.HTTP_AUTO_HEAD = False
    app.config.OAS = False
    app.config.update(config_of(policy))
    try:
        Extend(app)
    except SanicException as error:
        raise Refused(str(error)) from error
    add_routes(app)
    # Sanic takes port 0 for its default.
    listener = socket.create_server(("127.0.0.1", 0))
    server = await app.create_server(sock=listener, access_log=False, return_asyncio_server=True)
    await server.startup()
    await server.before_start()
    await server.after_start()
    return SanicInstance(app, server, listener.getsockname()[1])


if __name__ == "__main__":
    run(serve, framework="sanic", middleware="sanic-ext", issues="https://github.com/sanic-org/sanic-ext/issues")
