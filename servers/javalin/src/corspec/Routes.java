package corspec;

import static io.javalin.http.HandlerType.DELETE;
import static io.javalin.http.HandlerType.GET;
import static io.javalin.http.HandlerType.HEAD;
import static io.javalin.http.HandlerType.OPTIONS;
import static io.javalin.http.HandlerType.PATCH;
import static io.javalin.http.HandlerType.POST;
import static io.javalin.http.HandlerType.PUT;

import corspec.protocol.Resource;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.http.Header;
import io.javalin.http.UnauthorizedResponse;

/** The resource, as routes. */
final class Routes {
    private final Resource resource = new Resource();

    private Routes() {}

    static void add(RoutesConfig routes) {
        new Routes().addTo(routes);
    }

    private void addTo(RoutesConfig routes) {
        on(routes, "/resource", this::counted, GET, HEAD, POST, PUT, PATCH, DELETE);
        on(routes, "/cacheable", Routes::cacheable, GET);
        on(routes, "/status/{code}", Routes::status, GET, POST);
        on(routes, "/error", context -> Resource.fail(), GET, POST);
        routes.beforeMatched("/protected", Routes::requireToken);
        on(routes, "/protected", Routes::resource, GET);
        on(routes, "/session", Routes::session, GET);
        on(routes, "/redirect", Routes::redirect, GET, POST, PUT);
        on(routes, "/own-options", Routes::ownOptions, OPTIONS);
        on(routes, "/own-cors", Routes::ownCors, GET);
        on(routes, "/hits", context -> json(context, resource.hits()), GET);
    }

    private static void on(RoutesConfig routes, String path, Handler handler, HandlerType... methods) {
        for (HandlerType method : methods) {
            routes.addHttpHandler(method, path, handler);
        }
    }

    private void counted(Context context) {
        resource.hit();
        resource(context);
    }

    private static void cacheable(Context context) {
        context.header(Header.CACHE_CONTROL, Resource.CACHE_CONTROL);
        resource(context);
    }

    private static void status(Context context) {
        int code = Integer.parseInt(context.pathParam("code"));
        context.status(code);
        json(context, Resource.status(code));
    }

    private static void requireToken(Context context) {
        if (!Resource.opens(context.header(Header.AUTHORIZATION))) {
            context.header(Header.WWW_AUTHENTICATE, Resource.CHALLENGE);
            throw new UnauthorizedResponse();
        }
    }

    private static void session(Context context) {
        json(context, Resource.session(context.header(Header.COOKIE)));
    }

    private static void redirect(Context context) {
        context.status(Integer.parseInt(context.queryParam("status")));
        context.header(Header.LOCATION, context.queryParam("to"));
    }

    private static void ownOptions(Context context) {
        context.header(Header.ALLOW, Resource.OWN_ALLOW).result(Resource.OWN_OPTIONS);
    }

    private static void ownCors(Context context) {
        context.header(Header.ACCESS_CONTROL_ALLOW_ORIGIN, Resource.LEGACY_ORIGIN);
        resource(context);
    }

    private static void resource(Context context) {
        // Vary is a list that the plugin has begun, and Javalin's own header() would replace it.
        Resource.HEADERS.forEach(context.res()::addHeader);
        json(context, Resource.BODY);
    }

    private static void json(Context context, String body) {
        context.contentType(Resource.JSON).result(body);
    }
}
