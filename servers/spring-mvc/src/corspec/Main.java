package corspec;

import corspec.protocol.Hello;
import corspec.protocol.Library;
import corspec.protocol.Live;
import corspec.protocol.Policy;
import corspec.protocol.Program;
import corspec.spring.Boot;
import corspec.spring.Configuration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Spring MVC's CORS support under test, in an application of Spring Boot. */
final class Main {
    public static void main(String[] args) throws Exception {
        Hello hello = new Hello(
                "spring-mvc",
                Library.of(SpringApplication.class),
                Library.of("spring-webmvc", CorsConfiguration.class),
                "https://docs.spring.io/spring-framework/reference/web/webmvc-cors.html",
                "https://github.com/spring-projects/spring-framework/issues");
        Program.run(hello, Main::serve);
    }

    private static Live serve(Policy policy) {
        if (policy != null) {
            Configuration.requireExpressible(policy);
        }
        return Boot.start(Api.class, WebMvcConfigurer.class, () -> new Cors(policy));
    }

    /** The resource, and what Spring Boot configures by itself. */
    @SpringBootApplication
    static class Api {}
}
