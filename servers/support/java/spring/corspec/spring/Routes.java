package corspec.spring;

import static org.springframework.http.HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN;
import static org.springframework.web.bind.annotation.RequestMethod.DELETE;
import static org.springframework.web.bind.annotation.RequestMethod.GET;
import static org.springframework.web.bind.annotation.RequestMethod.OPTIONS;
import static org.springframework.web.bind.annotation.RequestMethod.PATCH;
import static org.springframework.web.bind.annotation.RequestMethod.POST;
import static org.springframework.web.bind.annotation.RequestMethod.PUT;

import corspec.protocol.Resource;
import java.net.URI;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.ResponseEntity.BodyBuilder;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The resource, as a controller. */
@RestController
public class Routes {
    private final Resource resource = new Resource();

    @RequestMapping(path = "/resource", method = {GET, POST, PUT, PATCH, DELETE})
    public ResponseEntity<String> counted() {
        return resource(ok()).body(resource.hit());
    }

    @RequestMapping(path = "/cacheable", method = GET)
    public ResponseEntity<String> cacheable() {
        return resource(ok()).header(HttpHeaders.CACHE_CONTROL, Resource.CACHE_CONTROL).body(Resource.BODY);
    }

    @RequestMapping(path = "/status/{code}", method = {GET, POST})
    public ResponseEntity<String> status(@PathVariable("code") int code) {
        String body = Resource.status(code);
        BodyBuilder response = ResponseEntity.status(code);
        return body.isEmpty() ? response.build() : response.contentType(MediaType.APPLICATION_JSON).body(body);
    }

    @RequestMapping(path = "/error", method = {GET, POST})
    public String fail() {
        return Resource.fail();
    }

    @RequestMapping(path = "/protected", method = GET)
    public ResponseEntity<String> forBearers() {
        return resource(ok()).body(Resource.BODY);
    }

    @RequestMapping(path = "/session", method = GET)
    public ResponseEntity<String> session(@RequestHeader(name = "Cookie", required = false) String cookie) {
        return ok().body(Resource.session(cookie));
    }

    @RequestMapping(path = "/redirect", method = {GET, POST, PUT})
    public ResponseEntity<Void> redirect(@RequestParam("to") URI to, @RequestParam("status") int status) {
        return ResponseEntity.status(status).location(to).build();
    }

    @RequestMapping(path = "/own-options", method = OPTIONS)
    public ResponseEntity<String> ownOptions() {
        return ResponseEntity.ok().header(HttpHeaders.ALLOW, Resource.OWN_ALLOW).body(Resource.OWN_OPTIONS);
    }

    @RequestMapping(path = "/own-cors", method = GET)
    public ResponseEntity<String> ownCors() {
        return resource(ok()).header(ACCESS_CONTROL_ALLOW_ORIGIN, Resource.LEGACY_ORIGIN).body(Resource.BODY);
    }

    @RequestMapping(path = "/hits", method = GET)
    public ResponseEntity<String> hits() {
        return ok().body(resource.hits());
    }

    private static BodyBuilder ok() {
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON);
    }

    private static BodyBuilder resource(BodyBuilder response) {
        Resource.HEADERS.forEach(response::header);
        return response;
    }
}
