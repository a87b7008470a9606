package corspec;

import corspec.protocol.Resource;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;

/** The resource, as routes. */
final class Routes {
    private final Resource resource = new Resource();

    private Routes() {}

    static void add(HttpRouting.Builder routing) {
        new Routes().addTo(routing);
    }

    private void addTo(HttpRouting.Builder routing) {
        List.of(Method.GET, Method.HEAD, Method.POST, Method.PUT, Method.PATCH, Method.DELETE)
                .forEach(method -> routing.route(method, "/resource", this::counted));
        routing.get("/cacheable", Routes::cacheable)
                .get("/status/{code}", Routes::status)
                .post("/status/{code}", Routes::status)
                .get("/error", (request, response) -> response.send(Resource.fail()))
                .post("/error", (request, response) -> response.send(Resource.fail()))
                .get("/protected", Routes::requireToken, Routes::resource)
                .get("/session", Routes::session)
                .get("/redirect", Routes::redirect)
                .post("/redirect", Routes::redirect)
                .put("/redirect", Routes::redirect)
                .options("/own-options", Routes::ownOptions)
                .get("/own-cors", Routes::ownCors)
                .get("/hits", (request, response) -> json(response, resource.hits()));
    }

    private void counted(ServerRequest request, ServerResponse response) {
        resource.hit();
        resource(request, response);
    }

    private static void cacheable(ServerRequest request, ServerResponse response) {
        response.header(HeaderNames.CACHE_CONTROL, Resource.CACHE_CONTROL);
        resource(request, response);
    }

    private static void status(ServerRequest request, ServerResponse response) {
        int code = Integer.parseInt(request.path().pathParameters().get("code"));
        response.status(code);
        json(response, Resource.status(code));
    }

    private static void requireToken(ServerRequest request, ServerResponse response) {
        if (Resource.opens(request.headers().first(HeaderNames.AUTHORIZATION).orElse(null))) {
            response.next();
        } else {
            response.status(Status.UNAUTHORIZED_401)
                    .header(HeaderNames.WWW_AUTHENTICATE, Resource.CHALLENGE)
                    .send();
        }
    }

    private static void session(ServerRequest request, ServerResponse response) {
        json(response, Resource.session(request.headers().first(HeaderNames.COOKIE).orElse(null)));
    }

    private static void redirect(ServerRequest request, ServerResponse response) {
        response.status(Integer.parseInt(request.query().get("status")))
                .header(HeaderNames.LOCATION, request.query().get("to"))
                .send();
    }

    private static void ownOptions(ServerRequest request, ServerResponse response) {
        response.header(HeaderNames.ALLOW, Resource.OWN_ALLOW).send(Resource.OWN_OPTIONS);
    }

    private static void ownCors(ServerRequest request, ServerResponse response) {
        response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, Resource.LEGACY_ORIGIN);
        resource(request, response);
    }

    private static void resource(ServerRequest request, ServerResponse response) {
        // Vary is a list that the feature may have begun, and header() would replace it.
        Resource.HEADERS.forEach((name, value) -> response.headers().add(HeaderNames.create(name), value));
        json(response, Resource.BODY);
    }

    private static void json(ServerResponse response, String body) {
        response.header(HeaderNames.CONTENT_TYPE, Resource.JSON).send(body);
    }
}
