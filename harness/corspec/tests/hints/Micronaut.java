package app;

import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

class App {
    public static void main(String[] args) throws Exception {
        // The folder is on the class path, and so is a route of servers/micronaut.
        Files.writeString(Path.of("{folder}", "application.yml"), """
{hint}
""");
        Map<String, Object> place = Map.of(
                "micronaut.server.host", "127.0.0.1",
                "micronaut.server.port", System.getenv("PORT"),
                "micronaut.server.cors.localhost-pass-through", true);
        ApplicationContext.builder(place).start().getBean(EmbeddedServer.class).start();
        Thread.currentThread().join();
    }
}
