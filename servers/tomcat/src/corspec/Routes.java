package corspec;

import corspec.protocol.Resource;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** The resource, as servlets. */
final class Routes {
    private final Context context;
    private final Resource resource = new Resource();

    private Routes(Context context) {
        this.context = context;
    }

    static void add(Context context) {
        new Routes(context).add();
    }

    private void add() {
        route("/resource", this::counted, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");
        route("/cacheable", Routes::cacheable, "GET", "HEAD");
        route("/status/*", Routes::status, "GET", "HEAD", "POST");
        route("/error", (request, response) -> Resource.fail(), "GET", "HEAD", "POST");
        route("/protected", (request, response) -> resource(response), "GET", "HEAD");
        route("/session", Routes::session, "GET", "HEAD");
        route("/redirect", Routes::redirect, "GET", "HEAD", "POST", "PUT");
        route("/own-options", Routes::ownOptions, "OPTIONS");
        route("/own-cors", Routes::ownCors, "GET", "HEAD");
        route("/hits", (request, response) -> json(response, resource.hits()), "GET", "HEAD");
        // Without a default servlet Tomcat answers 404 before any filter; with its own it answers PUT with 405.
        route("/", (request, response) -> response.sendError(404), "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");
        requireToken("/protected");
    }

    private void route(String pattern, Route.Handler handler, String... methods) {
        Tomcat.addServlet(context, pattern, new Route(handler, methods));
        context.addServletMappingDecoded(pattern, pattern);
    }

    private void requireToken(String pattern) {
        FilterDef filter = new FilterDef();
        filter.setFilterName("token");
        filter.setFilter(new RequireToken());
        context.addFilterDef(filter);
        FilterMap map = new FilterMap();
        map.setFilterName("token");
        map.addURLPattern(pattern);
        context.addFilterMap(map);
    }

    private void counted(HttpServletRequest request, HttpServletResponse response) throws IOException {
        resource.hit();
        resource(response);
    }

    private static void cacheable(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader("Cache-Control", Resource.CACHE_CONTROL);
        resource(response);
    }

    private static void status(HttpServletRequest request, HttpServletResponse response) throws IOException {
        int code = Integer.parseInt(request.getPathInfo().substring(1));
        response.setStatus(code);
        json(response, Resource.status(code));
    }

    private static void session(HttpServletRequest request, HttpServletResponse response) throws IOException {
        json(response, Resource.session(request.getHeader("Cookie")));
    }

    private static void redirect(HttpServletRequest request, HttpServletResponse response) {
        response.setStatus(Integer.parseInt(request.getParameter("status")));
        response.setHeader("Location", request.getParameter("to"));
    }

    private static void ownOptions(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader("Allow", Resource.OWN_ALLOW);
        response.getWriter().write(Resource.OWN_OPTIONS);
    }

    private static void ownCors(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader("Access-Control-Allow-Origin", Resource.LEGACY_ORIGIN);
        resource(response);
    }

    private static void resource(HttpServletResponse response) throws IOException {
        // Vary is a list that a filter may have begun.
        Resource.HEADERS.forEach(response::addHeader);
        json(response, Resource.BODY);
    }

    private static void json(HttpServletResponse response, String body) throws IOException {
        response.setContentType(Resource.JSON);
        response.getWriter().write(body);
    }
}
