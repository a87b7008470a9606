"""Applications of the synchronous kind, on waitress."""

import asyncio
import threading

from waitress import wasyncore
from waitress.server import create_server


class WaitressInstance:
    """A WSGI application that listens."""

    def __init__(self, app) -> None:
        self._sockets: dict = {}
        self._server = create_server(app, map=self._sockets, host="127.0.0.1", port=0)
        self._running = threading.Thread(target=self._server.run, daemon=True)
        self._running.start()
        self.url = f"http://127.0.0.1:{self._server.effective_port}"

    async def close(self) -> None:
        self._server.trigger.pull_trigger(self._close_sockets)
        await asyncio.to_thread(self._running.join)
        await asyncio.to_thread(self._server.task_dispatcher.shutdown)
        # Until here a thread may pull it, and its number must be nobody else's.
        self._server.trigger.close()

    def _close_sockets(self) -> None:
        """Runs in the thread that polls the sockets, and ends when there are none."""
        for polled in list(self._sockets.values()):
            if polled is not self._server.trigger:
                wasyncore.dispatcher.close(polled)
        self._sockets.clear()


async def listen(app) -> WaitressInstance:
    return WaitressInstance(app)
