package corspec.spring;

import corspec.protocol.Policy;
import corspec.protocol.Unsupported;
import org.springframework.web.cors.CorsConfiguration;

/** A policy as a CorsConfiguration, with the special values that its documentation names. */
public final class Configuration {
    private Configuration() {}

    /** Without a policy: the defaults that permit. */
    public static CorsConfiguration of(Policy policy) {
        CorsConfiguration configuration = new CorsConfiguration();
        if (policy == null) {
            return configuration.applyPermitDefaultValues();
        }
        requireExpressible(policy);
        configuration.setAllowedOrigins(policy.origins().stream().filter(origin -> !Policy.isPattern(origin)).toList());
        if (policy.hasPattern()) {
            configuration.setAllowedOriginPatterns(policy.origins().stream().filter(Policy::isPattern).toList());
        }
        configuration.setAllowedMethods(policy.methods());
        configuration.setAllowedHeaders(policy.headers());
        configuration.setExposedHeaders(policy.expose());
        configuration.setAllowCredentials(policy.credentials());
        if (policy.maxAge() != null) {
            configuration.setMaxAge(policy.maxAge());
        }
        return configuration;
    }

    /** Refuses what the documentation says that there is no way to say. */
    public static void requireExpressible(Policy policy) {
        if (policy.exposesAny() && policy.credentials()) {
            throw new Unsupported("as a name of exposed headers * is for requests without credentials alone");
        }
    }
}
