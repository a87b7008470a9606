package corspec;

import corspec.protocol.Policy;
import corspec.protocol.Unsupported;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.handler.CorsHandler;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The policy, said as the documentation of CorsHandler shows: a relative origin is a regular expression. */
final class Cors {
    private Cors() {}

    static CorsHandler handler(Policy policy) {
        CorsHandler handler = CorsHandler.create();
        for (String origin : policy.origins()) {
            if (Policy.isPattern(origin)) {
                handler.addOriginWithRegex(origin.replace(".", "\\.").replace("*", ".+"));
            } else {
                handler.addOrigin(origin);
            }
        }
        handler.allowedMethods(
                names("methods", policy.methods()).stream().map(HttpMethod::valueOf).collect(Collectors.toSet()));
        handler.allowedHeaders(names("request headers", policy.headers()));
        handler.exposedHeaders(names("exposed headers", policy.expose()));
        handler.allowCredentials(policy.credentials());
        if (policy.maxAge() != null) {
            handler.maxAgeSeconds(policy.maxAge().intValue());
        }
        return handler;
    }

    private static Set<String> names(String what, List<String> names) {
        if (names.contains("*")) {
            throw new Unsupported("the documentation knows a wildcard for origins, and none for " + what);
        }
        return Set.copyOf(names);
    }
}
