package corspec;

import corspec.protocol.Policy;
import corspec.spring.Configuration;
import org.springframework.web.cors.reactive.CorsWebFilter;
import org.springframework.web.cors.reactive.UrlBasedCorsConfigurationSource;

/** The filter, as https://docs.spring.io/spring-framework/reference/web/webflux-cors.html#webflux-cors-webfilter shows it. */
final class Cors {
    private Cors() {}

    static CorsWebFilter filter(Policy policy) {
        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
        source.registerCorsConfiguration("/**", Configuration.of(policy));
        return new CorsWebFilter(source);
    }
}
