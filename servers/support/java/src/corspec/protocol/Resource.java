package corspec.protocol;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.json.JSONObject;

/** What the routes of the resource say, and how often it was asked. */
public final class Resource {
    public static final String JSON = "application/json";
    public static final String BODY = "{\"resource\":\"ok\"}";
    public static final Map<String, String> HEADERS =
            Map.of("X-Request-Id", "r-1", "X-Secret", "s-1", "Vary", "Accept-Language");
    public static final String CACHE_CONTROL = "public, max-age=600";
    public static final String LEGACY_ORIGIN = "https://legacy.example";
    public static final String OWN_OPTIONS = "own";
    public static final String OWN_ALLOW = "GET, OPTIONS";
    public static final String CHALLENGE = "Bearer";

    private final AtomicLong hits = new AtomicLong();

    /** Whether an {@code Authorization} header opens {@code /protected}. */
    public static boolean opens(String authorization) {
        return "Bearer letmein".equals(authorization);
    }

    /** The body of {@code /status/CODE}; some answers have none. */
    public static String status(int code) {
        boolean without = code < 200 || code == 204 || code == 205 || code == 304;
        return without ? "" : new JSONObject().put("status", code).toString();
    }

    /** The body of {@code /session}; {@code cookie} may be null. */
    public static String session(String cookie) {
        return new JSONObject().put("cookie", cookie == null ? JSONObject.NULL : cookie).toString();
    }

    /** One more run of the handler of {@code /resource}. */
    public String hit() {
        hits.incrementAndGet();
        return BODY;
    }

    /** The body of {@code /hits}. */
    public String hits() {
        return new JSONObject().put("hits", hits.get()).toString();
    }

    /** Fails as code fails. */
    public static String fail() {
        throw new IllegalStateException("the handler fails");
    }
}
