package corspec;

import static org.eclipse.jetty.ee10.servlets.CrossOriginFilter.ALLOWED_HEADERS_PARAM;
import static org.eclipse.jetty.ee10.servlets.CrossOriginFilter.ALLOWED_METHODS_PARAM;
import static org.eclipse.jetty.ee10.servlets.CrossOriginFilter.ALLOWED_ORIGINS_PARAM;
import static org.eclipse.jetty.ee10.servlets.CrossOriginFilter.ALLOW_CREDENTIALS_PARAM;
import static org.eclipse.jetty.ee10.servlets.CrossOriginFilter.EXPOSED_HEADERS_PARAM;
import static org.eclipse.jetty.ee10.servlets.CrossOriginFilter.PREFLIGHT_MAX_AGE_PARAM;

import corspec.protocol.Policy;
import corspec.protocol.Unsupported;
import io.dropwizard.jetty.setup.ServletEnvironment;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterRegistration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.ee10.servlets.CrossOriginFilter;

/** The filter, with the parameters that its documentation lists. */
final class Cors {
    private Cors() {}

    /** The parameters that say a policy. */
    static Map<String, String> parameters(Policy policy) {
        Map<String, String> parameters = new HashMap<>();
        parameters.put(ALLOWED_ORIGINS_PARAM, String.join(",", policy.origins()));
        parameters.put(ALLOWED_METHODS_PARAM, names(ALLOWED_METHODS_PARAM, policy.methods()));
        parameters.put(ALLOWED_HEADERS_PARAM, String.join(",", policy.headers()));
        parameters.put(EXPOSED_HEADERS_PARAM, names(EXPOSED_HEADERS_PARAM, policy.expose()));
        parameters.put(ALLOW_CREDENTIALS_PARAM, String.valueOf(policy.credentials()));
        if (policy.maxAge() != null) {
            parameters.put(PREFLIGHT_MAX_AGE_PARAM, policy.maxAge().toString());
        }
        return parameters;
    }

    private static String names(String parameter, List<String> names) {
        if (names.contains("*")) {
            throw new Unsupported(parameter + " takes a list of names, and no wildcard");
        }
        return String.join(",", names);
    }

    static void add(ServletEnvironment servlets, Map<String, String> parameters) {
        FilterRegistration.Dynamic cors = servlets.addFilter("CORS", CrossOriginFilter.class);
        cors.setInitParameters(parameters);
        cors.addMappingForUrlPatterns(EnumSet.allOf(DispatcherType.class), true, "/*");
    }
}
