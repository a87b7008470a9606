package corspec;

import corspec.protocol.Policy;
import corspec.protocol.Unsupported;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.jetty.server.handler.CrossOriginHandler;

/**
 * The policy, said as the documentation of CrossOriginHandler shows: origins are {@code *} or regular
 * expressions, {@code https://.*\.domain\.com} for subdomains, with their dots escaped.
 */
final class Cors {
    private Cors() {}

    static CrossOriginHandler handler(Policy policy) {
        CrossOriginHandler handler = new CrossOriginHandler();
        handler.setAllowedOriginPatterns(policy.origins().stream().map(Cors::pattern).collect(Collectors.toSet()));
        handler.setAllowedMethods(names("methods", policy.methods()));
        handler.setAllowedHeaders(Set.copyOf(policy.headers()));
        handler.setExposedHeaders(names("exposed headers", policy.expose()));
        handler.setAllowCredentials(policy.credentials());
        if (policy.maxAge() != null) {
            handler.setPreflightMaxAge(Duration.ofSeconds(policy.maxAge()));
        }
        return handler;
    }

    private static String pattern(String origin) {
        return origin.equals("*") ? origin : origin.replaceAll("[.\\[\\]]", "\\\\$0").replace("*", ".*");
    }

    private static Set<String> names(String what, List<String> names) {
        if (names.contains("*")) {
            throw new Unsupported("the documentation knows a wildcard for origins and request headers, none for " + what);
        }
        return Set.copyOf(names);
    }
}
