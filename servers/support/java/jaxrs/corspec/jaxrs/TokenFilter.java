package corspec.jaxrs;

import corspec.protocol.Resource;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.Provider;

/** Lets nobody through without the token. */
@Provider
@TokenRequired
public class TokenFilter implements ContainerRequestFilter {
    @Override
    public void filter(ContainerRequestContext request) {
        if (!Resource.opens(request.getHeaderString(HttpHeaders.AUTHORIZATION))) {
            Response.ResponseBuilder refusal = Response.status(Response.Status.UNAUTHORIZED);
            request.abortWith(refusal.header(HttpHeaders.WWW_AUTHENTICATE, Resource.CHALLENGE).build());
        }
    }
}
