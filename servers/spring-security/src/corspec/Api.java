package corspec;

import static org.springframework.security.config.Customizer.withDefaults;

import corspec.protocol.Resource;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpHeaders;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;

/** The resource, behind a filter chain as https://docs.spring.io/spring-security/reference/servlet/integrations/cors.html shows. */
@SpringBootApplication
class Api {
    @Bean
    SecurityFilterChain filters(HttpSecurity http) {
        AuthenticationEntryPoint challenge = (request, response, exception) -> {
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, Resource.CHALLENGE);
            response.sendError(HttpServletResponse.SC_UNAUTHORIZED);
        };
        return http.cors(withDefaults())
                // What is asked with a token in a header cannot be forged.
                .csrf(AbstractHttpConfigurer::disable)
                .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .addFilterBefore(new TokenFilter(), AuthorizationFilter.class)
                .authorizeHttpRequests(requests ->
                        requests.requestMatchers("/protected").authenticated().anyRequest().permitAll())
                .exceptionHandling(failures -> failures.authenticationEntryPoint(challenge))
                .build();
    }
}
