package corspec;

import corspec.protocol.Resource;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.http.filter.ServerFilterPhase;

/** Lets nobody through without the token. */
@ServerFilter("/protected")
final class TokenFilter implements Ordered {
    @RequestFilter
    @Nullable
    HttpResponse<?> require(HttpRequest<?> request) {
        if (Resource.opens(request.getHeaders().get(HttpHeaders.AUTHORIZATION))) {
            return null;
        }
        return HttpResponse.unauthorized().header(HttpHeaders.WWW_AUTHENTICATE, Resource.CHALLENGE);
    }

    @Override
    public int getOrder() {
        return ServerFilterPhase.SECURITY.order();
    }
}
