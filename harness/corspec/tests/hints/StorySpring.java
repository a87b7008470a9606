package app;

import static org.springframework.security.config.Customizer.withDefaults;

import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.ResponseEntity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsConfigurationSource;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

@SpringBootApplication
@RestController
class App implements WebMvcConfigurer {
    public static void main(String[] args) {
        SpringApplication.run(
                App.class,
                "--server.address=127.0.0.1",
                "--server.port=" + System.getenv("PORT"),
                "--spring.security.user.name=user",
                "--spring.security.user.password=password",
                "--spring.main.banner-mode=off");
    }

    @Override // mistake
    public void addCorsMappings(CorsRegistry registry) { // mistake
        registry.addMapping("/**").allowedOrigins("https://app.example", "https://admin.example") // mistake
            .allowedMethods("GET", "PUT").allowedHeaders("X-Token", "Authorization").exposedHeaders("X-Request-Id") // mistake
            .maxAge(600).allowCredentials(true); // mistake
    } // mistake

    @Bean
    SecurityFilterChain filters(HttpSecurity http) throws Exception {
{above}
        http.csrf(csrf -> csrf.disable());
        http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated()).httpBasic(withDefaults());
        return http.build();
    }

{below}

    @RequestMapping(path = "/items", method = {RequestMethod.GET, RequestMethod.PUT})
    ResponseEntity<Map<String, String>> items() {
        return ResponseEntity.ok().header("X-Request-Id", "1").body(Map.of());
    }
}
