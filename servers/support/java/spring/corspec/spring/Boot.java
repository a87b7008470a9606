package corspec.spring;

import corspec.protocol.Live;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.util.StringUtils;

/** An application of Spring Boot on a port of its own. */
public final class Boot {
    private static final Map<String, Object> PROPERTIES = Map.of(
            "server.address", "127.0.0.1",
            "server.port", "0",
            "server.shutdown", "immediate",
            "server.tomcat.threads.min-spare", "1",
            // The resource has a route of that name.
            "spring.web.error.path", "/failure",
            "spring.main.banner-mode", "off",
            "spring.main.log-startup-info", "false",
            "spring.main.register-shutdown-hook", "false",
            "spring.jmx.enabled", "false");

    static {
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
    }

    private Boot() {}

    /** Starts an application with one more bean: the policy, in the form that the application takes it. */
    public static <T> Live start(Class<?> application, Class<T> type, Supplier<T> policy) {
        // Spring Security looks for its source by name.
        String name = StringUtils.uncapitalize(type.getSimpleName());
        ConfigurableApplicationContext context = new SpringApplicationBuilder(application)
                .properties(PROPERTIES)
                .initializers(fresh -> ((GenericApplicationContext) fresh).registerBean(name, type, policy))
                .run();
        int port = ((WebServerApplicationContext) context).getWebServer().getPort();
        return Live.at(port, context::close);
    }
}
