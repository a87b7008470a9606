package corspec;

import corspec.protocol.Policy;
import corspec.protocol.Unsupported;
import io.javalin.plugin.bundled.CorsPluginConfig.CorsRule;

/**
 * The policy, said as https://javalin.io/plugins/cors shows. There is no setting for methods or request headers: the plugin
 * grants what a preflight asks for.
 */
final class Cors {
    private Cors() {}

    static void configure(CorsRule rule, Policy policy) {
        if (policy.anyOrigin()) {
            rule.anyHost();
        } else {
            policy.origins().forEach(origin -> rule.allowHost(origin));
        }
        if (policy.exposesAny()) {
            throw new Unsupported("exposeHeader takes names, and no wildcard");
        }
        policy.expose().forEach(rule::exposeHeader);
        rule.allowCredentials = policy.credentials();
        if (policy.maxAge() != null) {
            rule.maxAge = policy.maxAge().intValue();
        }
    }
}
