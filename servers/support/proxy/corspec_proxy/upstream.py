"""The resource, without CORS, as it stands behind a proxy."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

OF_THE_RESOURCE = [("X-Request-Id", "r-1"), ("X-Secret", "s-1"), ("Vary", "Accept-Language")]
RESOURCE = {"resource": "ok"}


class Answer:
    def __init__(self, status, content=None, headers=()):
        self.status = status
        self.headers = list(headers)
        if isinstance(content, str):
            self.body = content.encode()
            self.headers.append(("Content-Type", "text/plain"))
        elif content is not None:
            self.body = json.dumps(content).encode()
            self.headers.append(("Content-Type", "application/json"))
        else:
            self.body = b""


class Upstream:
    """One for each policy, as each counts for itself how often its handler ran."""

    def __init__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.hits = 0
        self.server.counting = threading.Lock()
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet an answer: a second would wait for the proxy's acknowledgement of the first.
    wbufsize = -1
    disable_nagle_algorithm = True

    def __getattr__(self, name):
        # The base class looks for a method called do_METHOD; any HTTP method may be asked for here.
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urlsplit(self.path)
        try:
            answer = self.route(url.path, url.query)
        except RuntimeError as error:
            answer = Answer(500, f"internal error: {error}")
        self.send(answer)

    def send(self, answer):
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        self.wfile.flush()

    def route(self, path, query):
        first, _, rest = path.removeprefix("/").partition("/")
        methods, handler = ROUTES.get(first, (None, None))
        if handler is None or bool(rest) != (first == "status"):
            return Answer(404, "not found")
        if self.command not in methods:
            return Answer(405, "method not allowed", [("Allow", ", ".join(methods))])
        return handler(self, rest, query)

    def resource(self, _rest, _query):
        with self.server.counting:
            self.server.hits += 1
        return Answer(200, RESOURCE, OF_THE_RESOURCE)

    def cacheable(self, _rest, _query):
        return Answer(200, RESOURCE, [*OF_THE_RESOURCE, ("Cache-Control", "public, max-age=600")])

    def status(self, code, _query):
        """A status of 1xx is no final answer, so a handler cannot give it; and some have no body."""
        if not (code.isdigit() and 200 <= int(code) <= 599):
            return Answer(404, "not found")
        status = int(code)
        return Answer(status) if status in (204, 205, 304) else Answer(status, {"status": status})

    def fail(self, _rest, _query):
        raise RuntimeError("the handler fails")

    def protected(self, _rest, _query):
        if self.headers.get("Authorization") != "Bearer letmein":
            return Answer(401, "no token", [("WWW-Authenticate", "Bearer")])
        return Answer(200, RESOURCE, OF_THE_RESOURCE)

    def session(self, _rest, _query):
        cookies = self.headers.get_all("Cookie")
        return Answer(200, {"cookie": "; ".join(cookies) if cookies else None})

    def redirect(self, _rest, query):
        asked = parse_qs(query)
        if "to" not in asked or not asked.get("status", [""])[0].isdigit():
            return Answer(400, "to and status are required")
        return Answer(int(asked["status"][0]), "", [("Location", asked["to"][0])])

    def own_options(self, _rest, _query):
        return Answer(200, "own", [("Allow", "GET, OPTIONS")])

    def own_cors(self, _rest, _query):
        own = ("Access-Control-Allow-Origin", "https://legacy.example")
        return Answer(200, RESOURCE, [*OF_THE_RESOURCE, own])

    def read_hits(self, _rest, _query):
        return Answer(200, {"hits": self.server.hits})

    def log_message(self, *_arguments):
        pass


ROUTES = {
    "resource": (("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"), Handler.resource),
    "cacheable": (("GET", "HEAD"), Handler.cacheable),
    "status": (("GET", "HEAD", "POST"), Handler.status),
    "error": (("GET", "HEAD", "POST"), Handler.fail),
    "protected": (("GET", "HEAD"), Handler.protected),
    "session": (("GET", "HEAD"), Handler.session),
    "redirect": (("GET", "HEAD", "POST", "PUT"), Handler.redirect),
    "own-options": (("OPTIONS",), Handler.own_options),
    "own-cors": (("GET", "HEAD"), Handler.own_cors),
    "hits": (("GET", "HEAD"), Handler.read_hits),
}
