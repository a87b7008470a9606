package corspec;

import corspec.protocol.Resource;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.pathmap.PathSpec;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.PathMappingsHandler;
import org.eclipse.jetty.util.Fields;

/** The resource, as handlers. */
final class Routes {
    private final PathMappingsHandler paths = new PathMappingsHandler();
    private final Resource resource = new Resource();

    private Routes() {}

    static Handler handler() {
        return new Routes().paths();
    }

    private Handler paths() {
        route("/resource", new Route(this::counted, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"));
        route("/cacheable", new Route(Routes::cacheable, "GET", "HEAD"));
        route("/status/*", new Route(Routes::status, "GET", "HEAD", "POST"));
        route("/error", new Route((request, response) -> Resource.fail(), "GET", "HEAD", "POST"));
        route("/protected", new RequireToken(new Route((request, response) -> resource(response), "GET", "HEAD")));
        route("/session", new Route(Routes::session, "GET", "HEAD"));
        route("/redirect", new Route(Routes::redirect, "GET", "HEAD", "POST", "PUT"));
        route("/own-options", new Route(Routes::ownOptions, "OPTIONS"));
        route("/own-cors", new Route(Routes::ownCors, "GET", "HEAD"));
        route("/hits", new Route((request, response) -> json(response, resource.hits()), "GET", "HEAD"));
        return paths;
    }

    private void route(String pattern, Handler handler) {
        paths.addMapping(PathSpec.from(pattern), handler);
    }

    private String counted(Request request, Response response) {
        resource.hit();
        return resource(response);
    }

    private static String cacheable(Request request, Response response) {
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, Resource.CACHE_CONTROL);
        return resource(response);
    }

    private static String status(Request request, Response response) {
        String path = request.getHttpURI().getPath();
        int code = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
        response.setStatus(code);
        return json(response, Resource.status(code));
    }

    private static String session(Request request, Response response) {
        return json(response, Resource.session(request.getHeaders().get(HttpHeader.COOKIE)));
    }

    private static String redirect(Request request, Response response) {
        Fields query = Request.extractQueryParameters(request);
        response.setStatus(query.get("status").getValueAsInt());
        response.getHeaders().put(HttpHeader.LOCATION, query.getValue("to"));
        return "";
    }

    private static String ownOptions(Request request, Response response) {
        response.getHeaders().put(HttpHeader.ALLOW, Resource.OWN_ALLOW);
        return Resource.OWN_OPTIONS;
    }

    private static String ownCors(Request request, Response response) {
        response.getHeaders().put(HttpHeader.ACCESS_CONTROL_ALLOW_ORIGIN, Resource.LEGACY_ORIGIN);
        return resource(response);
    }

    private static String resource(Response response) {
        // Vary is a list that the layer outside may have begun.
        Resource.HEADERS.forEach(response.getHeaders()::add);
        return json(response, Resource.BODY);
    }

    private static String json(Response response, String body) {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, Resource.JSON);
        return body;
    }
}
