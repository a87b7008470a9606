package corspec;

import corspec.protocol.Resource;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Header;
import io.micronaut.http.annotation.Options;
import io.micronaut.http.annotation.Patch;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.http.annotation.Put;
import io.micronaut.http.annotation.QueryValue;
import java.net.URI;

/** The resource, as a controller, which takes and gives whatever is asked for. */
@Controller
@Consumes(MediaType.ALL)
@Produces(MediaType.ALL)
class Routes {
    private final Resource resource = new Resource();

    @Get("/resource")
    HttpResponse<String> get() {
        return counted();
    }

    @Post("/resource")
    HttpResponse<String> post() {
        return counted();
    }

    @Put("/resource")
    HttpResponse<String> put() {
        return counted();
    }

    @Patch("/resource")
    HttpResponse<String> patch() {
        return counted();
    }

    @Delete("/resource")
    HttpResponse<String> delete() {
        return counted();
    }

    private HttpResponse<String> counted() {
        resource.hit();
        return resource();
    }

    @Get("/cacheable")
    HttpResponse<String> cacheable() {
        return resource().header(HttpHeaders.CACHE_CONTROL, Resource.CACHE_CONTROL);
    }

    @Get("/status/{code}")
    HttpResponse<String> status(int code) {
        String body = Resource.status(code);
        MutableHttpResponse<String> response = HttpResponse.status(HttpStatus.valueOf(code));
        return body.isEmpty() ? response : response.contentType(Resource.JSON).body(body);
    }

    @Post("/status/{code}")
    HttpResponse<String> postStatus(int code) {
        return status(code);
    }

    @Get("/error")
    String fail() {
        return Resource.fail();
    }

    @Post("/error")
    String failToPost() {
        return Resource.fail();
    }

    @Get("/protected")
    HttpResponse<String> forBearers() {
        return resource();
    }

    @Get("/session")
    HttpResponse<String> session(@Nullable @Header(HttpHeaders.COOKIE) String cookie) {
        return json(Resource.session(cookie));
    }

    @Get("/redirect")
    HttpResponse<?> redirect(@QueryValue URI to, @QueryValue int status) {
        return HttpResponse.status(HttpStatus.valueOf(status)).header(HttpHeaders.LOCATION, to.toString());
    }

    @Post("/redirect")
    HttpResponse<?> redirectPost(@QueryValue URI to, @QueryValue int status) {
        return redirect(to, status);
    }

    @Put("/redirect")
    HttpResponse<?> redirectPut(@QueryValue URI to, @QueryValue int status) {
        return redirect(to, status);
    }

    @Options("/own-options")
    HttpResponse<String> ownOptions() {
        return HttpResponse.ok(Resource.OWN_OPTIONS).header(HttpHeaders.ALLOW, Resource.OWN_ALLOW);
    }

    @Get("/own-cors")
    HttpResponse<String> ownCors() {
        return resource().header(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, Resource.LEGACY_ORIGIN);
    }

    @Get("/hits")
    HttpResponse<String> hits() {
        return json(resource.hits());
    }

    private static MutableHttpResponse<String> resource() {
        MutableHttpResponse<String> response = json(Resource.BODY);
        Resource.HEADERS.forEach(response::header);
        return response;
    }

    private static MutableHttpResponse<String> json(String body) {
        return HttpResponse.ok(body).contentType(Resource.JSON);
    }
}
