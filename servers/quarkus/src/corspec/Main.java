package corspec;

import corspec.protocol.Hello;
import corspec.protocol.Library;
import corspec.protocol.Live;
import corspec.protocol.Policy;
import corspec.protocol.Program;
import io.quarkus.runtime.Quarkus;
import io.quarkus.vertx.http.runtime.cors.CORSFilter;
import java.util.List;

/** Quarkus's CORS filter under test. A process has one configuration, so every policy has a process of its own. */
final class Main {
    public static void main(String[] args) throws Exception {
        Hello hello = new Hello(
                "quarkus",
                Library.of("quarkus", Quarkus.class),
                Library.of(CORSFilter.class),
                "https://quarkus.io/guides/security-cors",
                "https://github.com/quarkusio/quarkus/issues");
        Program.run(hello, Main::serve);
    }

    private static Live serve(Policy policy) throws Exception {
        List<String> properties = policy == null ? Cors.ENABLED : Cors.properties(policy);
        Child child = Child.start(properties);
        return Live.at(child.port(), child::end);
    }
}
