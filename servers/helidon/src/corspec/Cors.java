package corspec;

import corspec.protocol.Policy;
import corspec.protocol.Unsupported;
import io.helidon.webserver.cors.CorsFeature;
import io.helidon.webserver.cors.CorsPathConfig;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The policy, said as the documentation of CorsPathConfig shows: an origin with a backslash or an asterisk is a regular
 * expression, such as {@code http://.*\.example\.com}.
 */
final class Cors {
    private Cors() {}

    static CorsFeature feature(Policy policy) {
        if (policy.exposesAny() && policy.credentials()) {
            throw new Unsupported("as a name of exposed headers * is for requests without credentials alone");
        }
        CorsPathConfig.Builder path = CorsPathConfig.builder()
                .pathPattern("/*")
                .allowOrigins(policy.origins().stream().map(Cors::origin).collect(Collectors.toSet()))
                .allowMethods(Set.copyOf(policy.methods()))
                .allowHeaders(Set.copyOf(policy.headers()))
                .exposeHeaders(Set.copyOf(policy.expose()))
                .allowCredentials(policy.credentials());
        if (policy.maxAge() != null) {
            path.maxAge(Duration.ofSeconds(policy.maxAge()));
        }
        return CorsFeature.builder().addPath(path.build()).build();
    }

    private static String origin(String origin) {
        return Policy.isPattern(origin) ? origin.replace(".", "\\.").replace("*", ".*") : origin;
    }
}
