package corspec;

import corspec.protocol.Resource;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.List;

/** The resource, as routes. */
final class Routes {
    private static final List<HttpMethod> GET = List.of(HttpMethod.GET, HttpMethod.HEAD);

    private final Resource resource = new Resource();

    private Routes() {}

    static void add(Router router) {
        // What nobody reads would cost the connection.
        router.route().handler(BodyHandler.create(false));
        new Routes().addTo(router);
    }

    private void addTo(Router router) {
        route(router, "/resource", GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE)
                .handler(this::counted);
        route(router, "/cacheable", GET).handler(Routes::cacheable);
        route(router, "/status/:code", GET, HttpMethod.POST).handler(Routes::status);
        route(router, "/error", GET, HttpMethod.POST).handler(context -> Resource.fail());
        route(router, "/protected", GET).handler(Routes::requireToken).handler(Routes::resource);
        route(router, "/session", GET).handler(Routes::session);
        route(router, "/redirect", GET, HttpMethod.POST, HttpMethod.PUT).handler(Routes::redirect);
        route(router, "/own-options", List.of(HttpMethod.OPTIONS)).handler(Routes::ownOptions);
        route(router, "/own-cors", GET).handler(Routes::ownCors);
        route(router, "/hits", GET).handler(context -> json(context, resource.hits()));
    }

    private static Route route(Router router, String path, List<HttpMethod> methods, HttpMethod... more) {
        Route route = router.route(path);
        methods.forEach(route::method);
        List.of(more).forEach(route::method);
        return route;
    }

    private void counted(RoutingContext context) {
        resource.hit();
        resource(context);
    }

    private static void cacheable(RoutingContext context) {
        context.response().putHeader(HttpHeaders.CACHE_CONTROL, Resource.CACHE_CONTROL);
        resource(context);
    }

    private static void status(RoutingContext context) {
        int code = Integer.parseInt(context.pathParam("code"));
        context.response().setStatusCode(code);
        json(context, Resource.status(code));
    }

    private static void requireToken(RoutingContext context) {
        if (Resource.opens(context.request().getHeader(HttpHeaders.AUTHORIZATION))) {
            context.next();
        } else {
            context.response().putHeader("WWW-Authenticate", Resource.CHALLENGE);
            context.fail(401);
        }
    }

    private static void session(RoutingContext context) {
        json(context, Resource.session(context.request().getHeader(HttpHeaders.COOKIE)));
    }

    private static void redirect(RoutingContext context) {
        int code = Integer.parseInt(context.queryParams().get("status"));
        String to = context.queryParams().get("to");
        context.response().setStatusCode(code).putHeader(HttpHeaders.LOCATION, to).end();
    }

    private static void ownOptions(RoutingContext context) {
        context.response().putHeader(HttpHeaders.ALLOW, Resource.OWN_ALLOW).end(Resource.OWN_OPTIONS);
    }

    private static void ownCors(RoutingContext context) {
        context.response().putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, Resource.LEGACY_ORIGIN);
        resource(context);
    }

    private static void resource(RoutingContext context) {
        HttpServerResponse response = context.response();
        // Vary is a list that the layer outside may have begun.
        Resource.HEADERS.forEach(response.headers()::add);
        json(context, Resource.BODY);
    }

    private static void json(RoutingContext context, String body) {
        context.response().putHeader(HttpHeaders.CONTENT_TYPE, Resource.JSON).end(body);
    }
}
