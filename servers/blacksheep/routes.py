"""The resource, on BlackSheep's router."""

from blacksheep import Request, Response, Router, json, text

from corspec_server import answers


def with_headers(response: Response, headers: dict) -> Response:
    for name, value in headers.items():
        response.set_header(name.encode(), value.encode())
    return response


def require_token(handler):
    async def guarded(request: Request) -> Response:
        if request.get_first_header(b"Authorization") != answers.AUTHORIZATION.encode():
            return with_headers(Response(401), answers.CHALLENGE)
        return await handler()

    return guarded


def add_routes(router: Router) -> None:
    hits = answers.Hits()

    def route(path: str, *methods: str):
        def decorate(handler):
            for method in methods:
                router.add(method, path, handler)
            return handler

        return decorate

    @route("/resource", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    async def resource() -> Response:
        hits.count()
        return with_headers(json(answers.BODY), answers.HEADERS)

    @route("/cacheable", "GET")
    async def cacheable() -> Response:
        return with_headers(json(answers.BODY), answers.CACHEABLE)

    @route("/status/{int:code}", "GET", "POST")
    async def status(code: int) -> Response:
        return json({"status": code}, code) if answers.has_body(code) else Response(code)

    @route("/error", "GET", "POST")
    async def error() -> Response:
        raise answers.HandlerFailure

    @route("/protected", "GET")
    @require_token
    async def protected() -> Response:
        return with_headers(json(answers.BODY), answers.HEADERS)

    @route("/session", "GET")
    async def session(request: Request) -> Response:
        cookie = request.get_first_header(b"Cookie")
        return json({"cookie": cookie and cookie.decode()})

    @route("/redirect", "GET", "POST", "PUT")
    async def redirect(to: str, status: int) -> Response:
        return with_headers(Response(status), {"Location": to})

    @route("/own-options", "OPTIONS")
    async def own_options() -> Response:
        return with_headers(text(answers.OWN_OPTIONS), answers.ALLOW)

    @route("/own-cors", "GET")
    async def own_cors() -> Response:
        return with_headers(json(answers.BODY), answers.OWN_CORS)

    @route("/hits", "GET")
    async def show_hits() -> Response:
        return json({"hits": hits.total})
