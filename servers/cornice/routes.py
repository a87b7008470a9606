"""The resource, as Cornice's services."""

from functools import wraps

from cornice import Service
from pyramid.httpexceptions import HTTPUnauthorized
from pyramid.request import Request
from pyramid.response import Response

from corspec_server import answers
from corspec_server.policy import Policy
from cors import is_enabled, policy_of


def require_token(view):
    @wraps(view)
    def guarded(request: Request):
        if request.headers.get("Authorization") != answers.AUTHORIZATION:
            raise HTTPUnauthorized(headers=answers.CHALLENGE)
        return view(request)

    return guarded


def services(policy: Policy) -> list[Service]:
    hits = answers.Hits()
    services = []
    cors_policy = policy_of(policy)

    def on(path: str, *methods: str):
        def decorate(view):
            service = Service(view.__name__, path, cors_policy=cors_policy)
            for method in methods:
                service.add_view(method, view, cors_enabled=is_enabled(method, policy))
            services.append(service)
            return view

        return decorate

    def resource_with(request: Request, headers: dict) -> dict:
        request.response.headers.update(headers)
        return answers.BODY

    # Pyramid takes GET for HEAD as well, and a second view for HEAD for a conflict.
    @on("/resource", "GET", "POST", "PUT", "PATCH", "DELETE")
    def resource(request: Request):
        hits.count()
        return resource_with(request, answers.HEADERS)

    @on("/cacheable", "GET")
    def cacheable(request: Request):
        return resource_with(request, answers.CACHEABLE)

    @on(r"/status/{code:\d+}", "GET", "POST")
    def status(request: Request):
        code = int(request.matchdict["code"])
        return Response(status=code, **({"json": {"status": code}} if answers.has_body(code) else {}))

    @on("/error", "GET", "POST")
    def error(request: Request):
        raise answers.HandlerFailure

    @on("/protected", "GET")
    @require_token
    def protected(request: Request):
        return resource_with(request, answers.HEADERS)

    @on("/session", "GET")
    def session(request: Request):
        return {"cookie": request.headers.get("Cookie")}

    @on("/redirect", "GET", "POST", "PUT")
    def redirect(request: Request):
        return Response(status=int(request.params["status"]), headers={"Location": request.params["to"]})

    @on("/own-options", "OPTIONS")
    def own_options(request: Request):
        return Response(answers.OWN_OPTIONS, headers=answers.ALLOW, content_type="text/plain")

    @on("/own-cors", "GET")
    def own_cors(request: Request):
        return resource_with(request, answers.OWN_CORS)

    @on("/hits", "GET")
    def show_hits(request: Request):
        return {"hits": hits.total}

    return services
