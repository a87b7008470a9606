package corspec;

import corspec.protocol.Policy;
import corspec.protocol.Unsupported;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The policy, said as https://docs.micronaut.io/latest/guide/#corsConfiguration shows: what is not restricted is left out, and
 * patterns are one regular expression.
 */
final class Cors {
    private static final String CORS = "micronaut.server.cors.";
    private static final String CONFIGURATION = CORS + "configurations.web.";

    private final Map<String, Object> properties = new HashMap<>();

    private Cors() {}

    static Map<String, Object> properties(Policy policy) {
        Cors cors = new Cors();
        cors.properties.put(CORS + "enabled", true);
        // The server is on the loopback address for the test's sake alone; any other host has no such guard.
        cors.properties.put(CORS + "localhost-pass-through", true);
        if (policy != null) {
            cors.configure(policy);
        }
        return cors.properties;
    }

    private void configure(Policy policy) {
        if (policy.exposesAny()) {
            throw new Unsupported("exposed-headers takes a list of names, and no wildcard");
        }
        if (!policy.anyOrigin()) {
            set("allowed-origins", policy.origins().stream().filter(origin -> !Policy.isPattern(origin)).toList());
        }
        if (policy.hasPattern()) {
            set("allowed-origins-regex", regex(policy.origins().stream().filter(Policy::isPattern).toList()));
        }
        if (!policy.anyMethod()) {
            set("allowed-methods", policy.methods());
        }
        if (!policy.anyHeader()) {
            set("allowed-headers", policy.headers());
        }
        set("exposed-headers", policy.expose());
        set("allow-credentials", policy.credentials());
        if (policy.maxAge() != null) {
            set("max-age", policy.maxAge());
        }
    }

    private void set(String name, Object value) {
        properties.put(CONFIGURATION + name, value);
    }

    private static String regex(List<String> patterns) {
        return patterns.stream()
                .map(pattern -> pattern.replace(".", "\\.").replace("/", "\\/").replace("*", ".*"))
                .collect(Collectors.joining("|", "^(", ")$"));
    }
}
