package corspec;

import corspec.protocol.Resource;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.servlet.HandlerInterceptor;

/** Lets nobody through without the token. */
final class RequireToken implements HandlerInterceptor {
    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
            throws IOException {
        // Interceptors see preflights too, and those carry no token.
        if (CorsUtils.isPreFlightRequest(request) || Resource.opens(request.getHeader(HttpHeaders.AUTHORIZATION))) {
            return true;
        }
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, Resource.CHALLENGE);
        response.sendError(HttpServletResponse.SC_UNAUTHORIZED);
        return false;
    }
}
