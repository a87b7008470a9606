"""aiohttp's applications, on its own server."""

from aiohttp import web


class SiteInstance:
    """An application that listens."""

    def __init__(self, runner: web.AppRunner) -> None:
        host, port = runner.addresses[0]
        self.url = f"http://{host}:{port}"
        self._runner = runner

    async def close(self) -> None:
        await self._runner.cleanup()


async def listen(app: web.Application) -> SiteInstance:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return SiteInstance(runner)
