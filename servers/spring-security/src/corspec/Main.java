package corspec;

import corspec.protocol.Hello;
import corspec.protocol.Library;
import corspec.protocol.Live;
import corspec.protocol.Policy;
import corspec.protocol.Program;
import corspec.protocol.Refused;
import corspec.spring.Boot;
import corspec.spring.Configuration;
import org.springframework.boot.SpringApplication;
import org.springframework.security.config.annotation.web.configurers.CorsConfigurer;
import org.springframework.web.cors.CorsConfigurationSource;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;

/** Spring Security's CORS layer under test, in an application of Spring Boot. */
final class Main {
    public static void main(String[] args) throws Exception {
        Hello hello = new Hello(
                "spring-security",
                Library.of(SpringApplication.class),
                Library.of("spring-security", CorsConfigurer.class),
                "https://docs.spring.io/spring-security/reference/servlet/integrations/cors.html",
                "https://github.com/spring-projects/spring-security/issues");
        Program.run(hello, Main::serve);
    }

    private static Live serve(Policy policy) {
        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
        source.registerCorsConfiguration("/**", Refused.unless(() -> Configuration.of(policy)));
        return Boot.start(Api.class, CorsConfigurationSource.class, () -> source);
    }
}
