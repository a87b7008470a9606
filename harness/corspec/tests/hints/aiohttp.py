import os
from aiohttp import web


async def items(_):
    return web.json_response({}, headers={"X-Request-Id": "1"})


app = web.Application()
app.router.add_get("/items", items)
app.router.add_put("/items", items)
{hint}
web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None)
