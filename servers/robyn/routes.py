"""The resource, on Robyn's router."""

from urllib.parse import unquote

from robyn import AuthenticationHandler, Headers, Request, Response, Robyn, jsonify
from robyn.authentication import BearerGetter
from robyn.robyn import Identity

from corspec_server import answers


class Bearer(BearerGetter):
    """Names the scheme in the challenge by its own name."""


class TokenHandler(AuthenticationHandler):
    def authenticate(self, request: Request) -> Identity | None:
        token = self.token_getter.get_token(request)
        return Identity(claims={}) if f"Bearer {token}" == answers.AUTHORIZATION else None


def json(body: dict, headers: dict | None = None, status: int = 200) -> Response:
    return Response(status, Headers({"Content-Type": "application/json", **(headers or {})}), jsonify(body))


def add_routes(app: Robyn) -> None:
    hits = answers.Hits()
    app.configure_authentication(TokenHandler(token_getter=Bearer()))

    def on(path: str, *decorators):
        def decorate(handler):
            for decorator in decorators:
                decorator(path)(handler)
            return handler

        return decorate

    @on("/resource", app.get, app.head, app.post, app.put, app.patch, app.delete)
    def resource():
        hits.count()
        return json(answers.BODY, answers.HEADERS)

    @app.get("/cacheable")
    def cacheable():
        return json(answers.BODY, answers.CACHEABLE)

    @on("/status/:code", app.get, app.post)
    def status(request: Request):
        code = int(request.path_params["code"])
        return json({"status": code}, status=code) if answers.has_body(code) else Response(code, Headers({}), "")

    @on("/error", app.get, app.post)
    def error():
        raise answers.HandlerFailure

    @app.get("/protected", auth_required=True)
    def protected(request: Request):
        return json(answers.BODY, answers.HEADERS)

    @app.get("/session")
    def session(request: Request):
        return json({"cookie": request.headers.get("Cookie")})

    @on("/redirect", app.get, app.post, app.put)
    def redirect(request: Request):
        # Robyn leaves it to the handler to decode them.
        to, status = (unquote(request.query_params.get(name, "")) for name in ("to", "status"))
        return Response(int(status), Headers({"Location": to}), "")

    @app.options("/own-options")
    def own_options():
        return Response(200, Headers(answers.ALLOW), answers.OWN_OPTIONS)

    @app.get("/own-cors")
    def own_cors():
        return json(answers.BODY, answers.OWN_CORS)

    @app.get("/hits")
    def show_hits():
        return json({"hits": hits.total})
