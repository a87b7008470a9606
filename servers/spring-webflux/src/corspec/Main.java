package corspec;

import corspec.protocol.Hello;
import corspec.protocol.Library;
import corspec.protocol.Live;
import corspec.protocol.Policy;
import corspec.protocol.Program;
import corspec.protocol.Refused;
import corspec.spring.Boot;
import java.time.Duration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.web.cors.reactive.CorsWebFilter;
import reactor.netty.resources.LoopResources;

/** Spring WebFlux's CorsWebFilter under test, in an application of Spring Boot. */
final class Main {
    public static void main(String[] args) throws Exception {
        Hello hello = new Hello(
                "spring-webflux",
                Library.of(SpringApplication.class),
                Library.of("org.springframework.web.cors.reactive.CorsWebFilter", CorsWebFilter.class),
                "https://docs.spring.io/spring-framework/reference/web/webflux-cors.html#webflux-cors-webfilter",
                "https://github.com/spring-projects/spring-framework/issues");
        Program.run(hello, Main::serve);
    }

    private static Live serve(Policy policy) {
        CorsWebFilter cors = Refused.unless(() -> Cors.filter(policy));
        return Boot.start(Api.class, CorsWebFilter.class, () -> cors);
    }

    /** The resource, and what Spring Boot configures by itself. */
    @SpringBootApplication
    static class Api {
        /** Event loops that end with their application; the global ones would take all others along. */
        @Bean
        ReactorResourceFactory eventLoops() {
            ReactorResourceFactory eventLoops = new ReactorResourceFactory();
            eventLoops.setUseGlobalResources(false);
            eventLoops.setLoopResourcesSupplier(() -> LoopResources.create("resource", 1, true));
            eventLoops.setShutdownQuietPeriod(Duration.ZERO);
            return eventLoops;
        }
    }
}
