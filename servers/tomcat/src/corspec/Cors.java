package corspec;

import corspec.protocol.Policy;
import corspec.protocol.Unsupported;
import jakarta.servlet.ServletException;
import java.util.List;
import org.apache.catalina.Context;
import org.apache.catalina.filters.CorsFilter;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/**
 * The filter, with the parameters that
 * https://tomcat.apache.org/tomcat-11.0-doc/config/filter.html#CORS_Filter lists.
 */
final class Cors extends CorsFilter {
    private static final String NAME = "CorsFilter";

    private String rejection;

    /** Maps the filter to every path of a context. */
    static Cors in(Context context, Policy policy) {
        Cors cors = new Cors();
        FilterDef filter = new FilterDef();
        filter.setFilterName(NAME);
        filter.setFilter(cors);
        if (policy != null) {
            configure(filter, policy);
        }
        context.addFilterDef(filter);
        FilterMap map = new FilterMap();
        map.setFilterName(NAME);
        map.addURLPattern("/*");
        context.addFilterMap(map);
        return cors;
    }

    private static void configure(FilterDef filter, Policy policy) {
        if (policy.hasPattern()) {
            throw new Unsupported("cors.allowed.origins takes a list of origins or *, no patterns");
        }
        filter.addInitParameter(PARAM_CORS_ALLOWED_ORIGINS, String.join(",", policy.origins()));
        filter.addInitParameter(PARAM_CORS_ALLOWED_METHODS, names(PARAM_CORS_ALLOWED_METHODS, policy.methods()));
        filter.addInitParameter(PARAM_CORS_ALLOWED_HEADERS, names(PARAM_CORS_ALLOWED_HEADERS, policy.headers()));
        filter.addInitParameter(PARAM_CORS_EXPOSED_HEADERS, names(PARAM_CORS_EXPOSED_HEADERS, policy.expose()));
        filter.addInitParameter(PARAM_CORS_SUPPORT_CREDENTIALS, String.valueOf(policy.credentials()));
        if (policy.maxAge() != null) {
            filter.addInitParameter(PARAM_CORS_PREFLIGHT_MAXAGE, policy.maxAge().toString());
        }
    }

    private static String names(String parameter, List<String> names) {
        if (names.contains("*")) {
            throw new Unsupported(parameter + " takes a list of names, and no wildcard");
        }
        return String.join(",", names);
    }

    /** Tomcat logs why a filter does not start, and nobody else learns it. */
    @Override
    public void init() throws ServletException {
        try {
            super.init();
        } catch (ServletException exception) {
            rejection = exception.getMessage();
            throw exception;
        }
    }

    /** Why the filter rejects its parameters; null if it does not. */
    String rejection() {
        return rejection;
    }
}
