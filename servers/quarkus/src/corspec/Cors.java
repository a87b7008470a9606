package corspec;

import corspec.protocol.Policy;
import corspec.protocol.Unsupported;
import java.util.ArrayList;
import java.util.List;

/**
 * The policy, said as https://quarkus.io/guides/security-cors shows: an origin between slashes is a regular expression, such as
 * {@code /https://([a-z0-9\-_]+)\.app\.mydomain\.com/}.
 */
final class Cors {
    private static final String CORS = "quarkus.http.cors.";

    static final List<String> ENABLED = List.of(CORS + "enabled=true");

    private Cors() {}

    static List<String> properties(Policy policy) {
        if (policy.exposesAny()) {
            throw new Unsupported("exposed-headers takes a list of names, and no wildcard");
        }
        List<String> properties = new ArrayList<>(ENABLED);
        properties.add(CORS + "origins=" + String.join(",", policy.origins().stream().map(Cors::origin).toList()));
        properties.add(CORS + "methods=" + String.join(",", policy.methods()));
        properties.add(CORS + "headers=" + String.join(",", policy.headers()));
        properties.add(CORS + "exposed-headers=" + String.join(",", policy.expose()));
        properties.add(CORS + "access-control-allow-credentials=" + policy.credentials());
        if (policy.maxAge() != null) {
            properties.add(CORS + "access-control-max-age=" + policy.maxAge());
        }
        return properties;
    }

    /** In a list of properties a backslash is written twice. */
    private static String origin(String origin) {
        if (!Policy.isPattern(origin)) {
            return origin;
        }
        return "/" + origin.replace(".", "\\\\.").replace("*", "([a-z0-9\\\\-_]+)") + "/";
    }
}
