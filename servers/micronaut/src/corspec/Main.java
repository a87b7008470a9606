package corspec;

import corspec.protocol.Hello;
import corspec.protocol.Library;
import corspec.protocol.Live;
import corspec.protocol.Policy;
import corspec.protocol.Program;
import corspec.protocol.Refused;
import io.micronaut.context.ApplicationContext;
import io.micronaut.context.exceptions.ConfigurationException;
import io.micronaut.http.server.cors.CorsFilter;
import io.micronaut.runtime.server.EmbeddedServer;
import java.util.Map;

/** Micronaut's CORS support under test. */
final class Main {
    public static void main(String[] args) throws Exception {
        Hello hello = new Hello(
                "micronaut",
                Library.of("micronaut", ApplicationContext.class),
                Library.of(CorsFilter.class),
                "https://docs.micronaut.io/latest/guide/#corsConfiguration",
                "https://github.com/micronaut-projects/micronaut-core/issues");
        Program.run(hello, Main::serve);
    }

    private static Live serve(Policy policy) {
        Map<String, Object> properties = Cors.properties(policy);
        properties.put("micronaut.server.host", "127.0.0.1");
        properties.put("micronaut.server.port", -1);
        properties.put("micronaut.netty.event-loops.default.num-threads", 1);
        ApplicationContext context = ApplicationContext.builder(properties).start();
        try {
            EmbeddedServer server = context.getBean(EmbeddedServer.class).start();
            return Live.at(server.getPort(), context::close);
        } catch (ConfigurationException rejection) {
            context.close();
            throw new Refused(rejection.getMessage());
        }
    }
}
