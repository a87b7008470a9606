package corspec;

import corspec.protocol.Hello;
import corspec.protocol.Library;
import corspec.protocol.Live;
import corspec.protocol.Policy;
import corspec.protocol.Program;
import corspec.protocol.Refused;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.cors.CorsFeature;

/** Helidon SE's CORS feature under test. */
final class Main {
    public static void main(String[] args) throws Exception {
        Hello hello = new Hello(
                "helidon",
                Library.of(WebServer.class),
                Library.of(CorsFeature.class),
                "https://helidon.io/docs/latest/se/cors",
                "https://github.com/helidon-io/helidon/issues");
        Program.run(hello, Main::serve);
    }

    private static Live serve(Policy policy) {
        CorsFeature cors = policy == null ? CorsFeature.create() : Refused.unless(() -> Cors.feature(policy));
        WebServer server = WebServer.builder()
                .host("127.0.0.1")
                .port(0)
                .shutdownHook(false)
                .addFeature(cors)
                .routing(Routes::add)
                .build()
                .start();
        return Live.at(server.port(), server::stop);
    }
}
