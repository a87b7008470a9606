package corspec.jaxrs;

import corspec.protocol.Resource;
import jakarta.inject.Singleton;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.OPTIONS;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.net.URI;

/** The resource, as a Jakarta REST resource. */
@Singleton
@Path("/")
public class Routes {
    private final Resource resource = new Resource();

    @GET
    @Path("resource")
    public Response get() {
        return counted();
    }

    @POST
    @Path("resource")
    public Response post() {
        return counted();
    }

    @PUT
    @Path("resource")
    public Response put() {
        return counted();
    }

    @PATCH
    @Path("resource")
    public Response patch() {
        return counted();
    }

    @DELETE
    @Path("resource")
    public Response delete() {
        return counted();
    }

    private Response counted() {
        resource.hit();
        return resource().build();
    }

    @GET
    @Path("cacheable")
    public Response cacheable() {
        return resource().header(HttpHeaders.CACHE_CONTROL, Resource.CACHE_CONTROL).build();
    }

    @GET
    @Path("status/{code}")
    public Response status(@PathParam("code") int code) {
        String body = Resource.status(code);
        Response.ResponseBuilder response = Response.status(code);
        return body.isEmpty() ? response.build() : response.entity(body).type(Resource.JSON).build();
    }

    @POST
    @Path("status/{code}")
    public Response postStatus(@PathParam("code") int code) {
        return status(code);
    }

    @GET
    @Path("error")
    public String fail() {
        return Resource.fail();
    }

    @POST
    @Path("error")
    public String failToPost() {
        return Resource.fail();
    }

    @GET
    @Path("protected")
    @TokenRequired
    public Response forBearers() {
        return resource().build();
    }

    @GET
    @Path("session")
    public Response session(@HeaderParam(HttpHeaders.COOKIE) String cookie) {
        return Response.ok(Resource.session(cookie), Resource.JSON).build();
    }

    @GET
    @Path("redirect")
    public Response redirect(@QueryParam("to") String to, @QueryParam("status") int status) {
        return Response.status(status).location(URI.create(to)).build();
    }

    @POST
    @Path("redirect")
    public Response redirectPost(@QueryParam("to") String to, @QueryParam("status") int status) {
        return redirect(to, status);
    }

    @PUT
    @Path("redirect")
    public Response redirectPut(@QueryParam("to") String to, @QueryParam("status") int status) {
        return redirect(to, status);
    }

    @OPTIONS
    @Path("own-options")
    public Response ownOptions() {
        return Response.ok(Resource.OWN_OPTIONS).header(HttpHeaders.ALLOW, Resource.OWN_ALLOW).build();
    }

    @GET
    @Path("own-cors")
    public Response ownCors() {
        return resource().header("Access-Control-Allow-Origin", Resource.LEGACY_ORIGIN).build();
    }

    @GET
    @Path("hits")
    public Response hits() {
        return Response.ok(resource.hits(), Resource.JSON).build();
    }

    private static Response.ResponseBuilder resource() {
        Response.ResponseBuilder response = Response.ok(Resource.BODY, Resource.JSON);
        Resource.HEADERS.forEach(response::header);
        return response;
    }
}
