"""The resource, on aiohttp's router."""

from functools import wraps

from aiohttp import web

from corspec_server import answers


def require_token(handler):
    @wraps(handler)
    async def guarded(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != answers.AUTHORIZATION:
            raise web.HTTPUnauthorized(headers=answers.CHALLENGE)
        return await handler(request)

    return guarded


def add_resources(router: web.UrlDispatcher) -> None:
    hits = answers.Hits()

    def on(path: str, *methods: str):
        def decorate(handler):
            resource = router.add_resource(path)
            for method in methods:
                resource.add_route(method, handler)
            return handler

        return decorate

    @on("/resource", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    async def resource(request: web.Request) -> web.Response:
        hits.count()
        return web.json_response(answers.BODY, headers=answers.HEADERS)

    @on("/cacheable", "GET")
    async def cacheable(request: web.Request) -> web.Response:
        return web.json_response(answers.BODY, headers=answers.CACHEABLE)

    @on(r"/status/{code:\d+}", "GET", "POST")
    async def status(request: web.Request) -> web.Response:
        code = int(request.match_info["code"])
        return web.json_response({"status": code}, status=code) if answers.has_body(code) else web.Response(status=code)

    @on("/error", "GET", "POST")
    async def error(request: web.Request) -> web.Response:
        raise answers.HandlerFailure

    @on("/protected", "GET")
    @require_token
    async def protected(request: web.Request) -> web.Response:
        return web.json_response(answers.BODY, headers=answers.HEADERS)

    @on("/session", "GET")
    async def session(request: web.Request) -> web.Response:
        return web.json_response({"cookie": request.headers.get("Cookie")})

    @on("/redirect", "GET", "POST", "PUT")
    async def redirect(request: web.Request) -> web.Response:
        return web.Response(status=int(request.query["status"]), headers={"Location": request.query["to"]})

    @on("/own-options", "OPTIONS")
    async def own_options(request: web.Request) -> web.Response:
        return web.Response(text=answers.OWN_OPTIONS, headers=answers.ALLOW)

    @on("/own-cors", "GET")
    async def own_cors(request: web.Request) -> web.Response:
        return web.json_response(answers.BODY, headers=answers.OWN_CORS)

    @on("/hits", "GET")
    async def show_hits(request: web.Request) -> web.Response:
        return web.json_response({"hits": hits.total})
