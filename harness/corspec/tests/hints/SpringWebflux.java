package app;

import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.reactive.CorsWebFilter;
import org.springframework.web.cors.reactive.UrlBasedCorsConfigurationSource;

@SpringBootApplication
@RestController
class App {
    public static void main(String[] args) {
        SpringApplication.run(App.class, "--server.address=127.0.0.1", "--server.port=" + System.getenv("PORT"));
    }

{hint}

    @RequestMapping(path = "/items", method = {RequestMethod.GET, RequestMethod.PUT})
    ResponseEntity<Map<String, String>> items() {
        return ResponseEntity.ok().header("X-Request-Id", "1").body(Map.of());
    }
}
