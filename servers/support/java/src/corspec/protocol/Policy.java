package corspec.protocol;

import java.util.List;
import java.util.Set;
import org.json.JSONObject;

/** What the owner of a server wants to permit. {@code maxAge} is null where it is left to the middleware. */
public record Policy(
        List<String> origins,
        List<String> methods,
        List<String> headers,
        List<String> expose,
        boolean credentials,
        Long maxAge) {

    private static final Set<String> FIELDS =
            Set.of("origins", "methods", "headers", "expose", "credentials", "max_age");
    private static final List<String> ANY = List.of("*");

    static Policy of(JSONObject json) {
        for (String field : json.keySet()) {
            if (!FIELDS.contains(field)) {
                throw new Unsupported("the server does not know the field " + field);
            }
        }
        return new Policy(
                strings(json, "origins"),
                strings(json, "methods"),
                strings(json, "headers"),
                strings(json, "expose"),
                json.getBoolean("credentials"),
                json.get("max_age") == JSONObject.NULL ? null : json.getLong("max_age"));
    }

    private static List<String> strings(JSONObject json, String field) {
        return json.getJSONArray(field).toList().stream().map(String.class::cast).toList();
    }

    public boolean anyOrigin() {
        return origins.equals(ANY);
    }

    public boolean anyMethod() {
        return methods.equals(ANY);
    }

    public boolean anyHeader() {
        return headers.equals(ANY);
    }

    public boolean exposesAny() {
        return expose.equals(ANY);
    }

    /** Whether some origin is a subdomain pattern. */
    public boolean hasPattern() {
        return origins.stream().anyMatch(Policy::isPattern);
    }

    /** Whether an entry is a subdomain pattern, such as {@code https://*.apps.example}. */
    public static boolean isPattern(String origin) {
        return origin.contains("://*.");
    }
}
