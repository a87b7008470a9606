"""Applications of the asynchronous kind, on uvicorn."""

import asyncio
import socket
from collections.abc import Callable

import uvicorn

# What uvicorn imports by name when it starts; a process that is forked later has it already.
import uvicorn.lifespan.on
import uvicorn.loops.auto
import uvicorn.protocols.http.auto


class UvicornInstance:
    """An ASGI application that listens."""

    def __init__(self, server: uvicorn.Server, running: asyncio.Task, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._server = server
        self._running = running

    async def close(self) -> None:
        self._server.should_exit = True
        await self._running


async def listen(app) -> UvicornInstance:
    server, listener, port = _prepare(app)
    running = asyncio.create_task(server.serve([listener]))
    while not server.started:
        if running.done():
            raise RuntimeError("the application does not start") from running.exception()
        await asyncio.sleep(0)
    return UvicornInstance(server, running, port)


def run(app, ready: Callable[[int], None]) -> None:
    """Serves an application as all that a process does."""
    server, listener, port = _prepare(app)
    # Who connects before the server runs waits in the listener's queue.
    ready(port)
    server.run([listener])


def _prepare(app) -> tuple[uvicorn.Server, socket.socket, int]:
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
    listener = socket.create_server(("127.0.0.1", 0))
    return server, listener, listener.getsockname()[1]
