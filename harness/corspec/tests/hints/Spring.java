package app;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

@SpringBootApplication
@RestController
class App {
    public static void main(String[] args) {
        SpringApplication.run(App.class, "--server.address=127.0.0.1", "--server.port=" + System.getenv("PORT"));
    }

    @RequestMapping(path = "/items", method = {RequestMethod.GET, RequestMethod.PUT})
    ResponseEntity<Map<String, String>> items() {
        return ResponseEntity.ok().header("X-Request-Id", "1").body(Map.of());
    }
}

{hint}
