package corspec;

import corspec.protocol.Policy;
import java.util.stream.Stream;
import org.springframework.web.servlet.config.annotation.CorsRegistration;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** The policy, said as https://docs.spring.io/spring-framework/reference/web/webmvc-cors.html shows. */
record Cors(Policy policy) implements WebMvcConfigurer {
    @Override
    public void addCorsMappings(CorsRegistry registry) {
        CorsRegistration mapping = registry.addMapping("/**");
        if (policy != null) {
            configure(mapping);
        }
    }

    private void configure(CorsRegistration mapping) {
        Stream<String> exact = policy.origins().stream().filter(origin -> !Policy.isPattern(origin));
        mapping.allowedOrigins(exact.toArray(String[]::new));
        if (policy.hasPattern()) {
            mapping.allowedOriginPatterns(policy.origins().stream().filter(Policy::isPattern).toArray(String[]::new));
        }
        mapping.allowedMethods(policy.methods().toArray(String[]::new));
        mapping.allowedHeaders(policy.headers().toArray(String[]::new));
        mapping.exposedHeaders(policy.expose().toArray(String[]::new));
        mapping.allowCredentials(policy.credentials());
        if (policy.maxAge() != null) {
            mapping.maxAge(policy.maxAge());
        }
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(new RequireToken()).addPathPatterns("/protected");
    }
}
