"""The resource, on Django's router."""

from functools import wraps

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from corspec_server import answers

hits = answers.Hits()


def require_token(view):
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if request.headers.get("Authorization") != answers.AUTHORIZATION:
            return HttpResponse(status=401, headers=answers.CHALLENGE)
        return view(request)

    return guarded


@require_http_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def resource(request: HttpRequest) -> HttpResponse:
    hits.count()
    return JsonResponse(answers.BODY, headers=answers.HEADERS)


@require_safe
def cacheable(request: HttpRequest) -> HttpResponse:
    return JsonResponse(answers.BODY, headers=answers.CACHEABLE)


@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest, code: int) -> HttpResponse:
    return JsonResponse({"status": code}, status=code) if answers.has_body(code) else HttpResponse(status=code)


@require_http_methods(["GET", "HEAD", "POST"])
def error(request: HttpRequest) -> HttpResponse:
    raise answers.HandlerFailure


@require_safe
@require_token
def protected(request: HttpRequest) -> HttpResponse:
    return JsonResponse(answers.BODY, headers=answers.HEADERS)


@require_safe
def session(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"cookie": request.headers.get("Cookie")})


@require_http_methods(["GET", "HEAD", "POST", "PUT"])
def redirect(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=int(request.GET["status"]), headers={"Location": request.GET["to"]})


@require_http_methods(["OPTIONS"])
def own_options(request: HttpRequest) -> HttpResponse:
    return HttpResponse(answers.OWN_OPTIONS, content_type="text/plain", headers=answers.ALLOW)


@require_safe
def own_cors(request: HttpRequest) -> HttpResponse:
    return JsonResponse(answers.BODY, headers=answers.OWN_CORS)


@require_safe
def show_hits(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"hits": hits.total})


urlpatterns = [
    path("resource", resource),
    path("cacheable", cacheable),
    path("status/<int:code>", status),
    path("error", error),
    path("protected", protected),
    path("session", session),
    path("redirect", redirect),
    path("own-options", own_options),
    path("own-cors", own_cors),
    path("hits", show_hits),
]
