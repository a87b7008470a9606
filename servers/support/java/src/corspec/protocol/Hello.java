package corspec.protocol;

import java.util.List;
import org.json.JSONObject;

/** Who is under test. {@code lacks} names the routes that it cannot serve. */
public record Hello(
        String name,
        String language,
        String framework,
        String middleware,
        String homepage,
        String issues,
        List<String> lacks) {

    /** Written in Java, with every route. */
    public Hello(String name, String framework, String middleware, String homepage, String issues) {
        this(name, "java", framework, middleware, homepage, issues, List.of());
    }

    JSONObject json() {
        return new JSONObject()
                .put("protocol", 1)
                .put("name", name)
                .put("language", language)
                .put("framework", framework)
                .put("middleware", middleware)
                .put("runtime", "java " + Runtime.version())
                .put("homepage", homepage)
                .put("issues", issues)
                .put("lacks", lacks);
    }
}
