"""The resource, as Falcon's resources."""

import falcon

from corspec_server import answers


def answer(media: dict, headers: dict | None = None):
    """A responder that always says the same."""

    def respond(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = media
        resp.set_headers(headers or {})

    return respond


class Resource:
    def __init__(self, hits: answers.Hits) -> None:
        self._hits = hits

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        self._hits.count()
        resp.media = answers.BODY
        resp.set_headers(answers.HEADERS)

    on_head = on_post = on_put = on_patch = on_delete = on_get


class Cacheable:
    on_get = answer(answers.BODY, answers.CACHEABLE)


class Status:
    def on_get(self, req: falcon.Request, resp: falcon.Response, code: int) -> None:
        resp.status = code
        if answers.has_body(code):
            resp.media = {"status": code}

    on_post = on_get


class Error:
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        raise answers.HandlerFailure

    on_post = on_get


def require_token(req: falcon.Request, resp: falcon.Response, resource: object, params: dict) -> None:
    if req.auth != answers.AUTHORIZATION:
        raise falcon.HTTPUnauthorized(headers=answers.CHALLENGE)


class Protected:
    on_get = falcon.before(require_token)(answer(answers.BODY, answers.HEADERS))


class Session:
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"cookie": req.get_header("Cookie")}


class Redirect:
    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.status = req.get_param_as_int("status", required=True)
        resp.location = req.get_param("to", required=True)

    on_post = on_put = on_get


class OwnOptions:
    def on_options(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.text = answers.OWN_OPTIONS
        resp.set_headers(answers.ALLOW)


class OwnCors:
    on_get = answer(answers.BODY, answers.OWN_CORS)


class ShowHits:
    def __init__(self, hits: answers.Hits) -> None:
        self._hits = hits

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {"hits": self._hits.total}


def add_routes(app: falcon.App) -> None:
    hits = answers.Hits()
    app.add_route("/resource", Resource(hits))
    app.add_route("/cacheable", Cacheable())
    app.add_route("/status/{code:int}", Status())
    app.add_route("/error", Error())
    app.add_route("/protected", Protected())
    app.add_route("/session", Session())
    app.add_route("/redirect", Redirect())
    app.add_route("/own-options", OwnOptions())
    app.add_route("/own-cors", OwnCors())
    app.add_route("/hits", ShowHits(hits))
