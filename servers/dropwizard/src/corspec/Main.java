package corspec;

import corspec.protocol.Hello;
import corspec.protocol.Library;
import corspec.protocol.Live;
import corspec.protocol.Policy;
import corspec.protocol.Program;
import io.dropwizard.core.Application;
import java.util.Map;
import org.eclipse.jetty.ee10.servlets.CrossOriginFilter;

/** Jetty's CrossOriginFilter under test, as applications of Dropwizard use it. */
final class Main {
    public static void main(String[] args) throws Exception {
        Hello hello = new Hello(
                "dropwizard",
                Library.of(Application.class),
                Library.of("org.eclipse.jetty.ee10.servlets.CrossOriginFilter", CrossOriginFilter.class),
                "https://javadoc.jetty.org/jetty-12.1/org/eclipse/jetty/ee10/servlets/CrossOriginFilter.html",
                "https://github.com/jetty/jetty.project/issues");
        Program.run(hello, Main::serve);
    }

    private static Live serve(Policy policy) throws Exception {
        Api api = new Api(policy == null ? Map.of() : Cors.parameters(policy));
        api.run("server", "config.yml");
        return Live.at(api.port(), api::stop);
    }
}
